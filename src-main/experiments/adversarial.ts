/** @file How a model fares against images changed to mislead it, and whether it knows. */
import { z } from 'zod';
import { Adversarial, type AttackedRun } from '../contract/adversarial';
import { WorkbenchError } from '../contract/errors';
import type { PartialPrediction } from '../contract/experiment';
import { predictedClasses } from '../engine/metrics/classification';
import { projectedAscent, signStep, type Attack } from './attack';
import { defineExperiment, ofEachRun, type ExperimentContext, type TrainedRun } from './experiment';
import { tellClasses } from './partial';
import { addSpread, newSpread } from './spread';

const imagesShown = 8;
/** The attacker's draws are not those of the evaluation. */
const attackSeed = 1_000_003;

const Settings = z.strictObject({
  attack: z
    .enum(['fgsm', 'pgd'])
    .default('fgsm')
    .meta({ title: 'Attack', description: 'fgsm: one step along the sign of the gradient; pgd: many small ones.' }),
  loss: z.enum(['mean-predictive', 'mean-loss']).default('mean-predictive').meta({
    title: 'Attacked loss',
    description: 'mean-predictive: −log of the mean probability over draws; mean-loss: the mean over draws of −log probability.',
  }),
  units: z.enum(['normalised', 'pixel']).default('normalised').meta({
    title: 'Units of ε',
    description: 'normalised: of the standardised inputs that the network sees; pixel: of grey values in [0, 1].',
  }),
  largest: z.number().positive().max(10).default(0.7).meta({ title: 'Largest ε', description: 'The largest change of a pixel.' }),
  points: z.int().min(2).max(100).default(15).meta({ title: 'Values of ε', description: 'Evenly spread from 0 to the largest.' }),
  clamp: z
    .boolean()
    .default(false)
    .meta({ title: 'Keep to the range of pixels', description: 'Changed images may not be darker than black or brighter than white.' }),
  steps: z
    .int()
    .min(1)
    .max(200)
    .default(10)
    .meta({ title: 'Steps', description: 'Gradient steps for each ε, with fresh draws each.', when: { attack: ['pgd'] } }),
  draws: z.int().min(1).max(10_000).default(50).meta({ title: 'Draws', description: 'Weight draws of each gradient and of the predictive.' }),
  rows: z.int().min(1).max(1_000_000).default(1000).meta({ title: 'Rows', description: 'At most this many test rows, the first ones.' }),
  seed: z
    .int()
    .min(0)
    .max(2 ** 30)
    .default(1)
    .meta({ title: 'Seed', description: 'Fixes the draws.', advanced: true }),
});
type Settings = z.output<typeof Settings>;

export const adversarial = defineExperiment({
  id: 'adversarial',
  title: 'Adversarial',
  reference: 'Goodfellow, Shlens & Szegedy (2015), Explaining and Harnessing Adversarial Examples; Madry et al. (2018), sec. 2.1',
  help: 'Changes each test image by at most ε a pixel so that the network errs, and measures the error and the uncertainty of the changed images: a useful uncertainty rises before the error does.',
  settings: Settings,
  result: Adversarial,
  async run(context, settings) {
    const runs = await ofEachRun(context, (run, own) => attackRun(run, own, settings));
    return { attack: settings.attack, units: settings.units, runs };
  },
});

async function attackRun(run: TrainedRun, { signal, report }: Pick<ExperimentContext, 'signal' | 'report'>, settings: Settings): Promise<AttackedRun> {
  const { dataset, posterior } = run;
  const { test, scaling, classes, imageShape } = dataset;
  if (dataset.task.kind !== 'classification' || !imageShape)
    throw new WorkbenchError('unsupported', `An attack needs a classifier of images, but ${run.name} takes ${dataset.title}; choose another run`);
  if (test.rows === 0) throw new WorkbenchError('invalid-spec', `${dataset.title} has no test rows to attack`);
  const rows = Math.min(settings.rows, test.rows);
  const size = test.x.length / test.rows;
  const [x, y] = [test.x.subarray(0, rows * size), Int32Array.from(test.y.subarray(0, rows))];
  const [mean, sd] = [scaling.xMean[0]!, scaling.xSd[0]!];
  const perUnit = settings.units === 'pixel' ? 255 / sd : 1;
  const epsilons = Array.from({ length: settings.points }, (_, i) => (settings.largest * i) / (settings.points - 1));
  const { draws, seed, loss, steps } = settings;
  const attack: Attack = { loss, draws, seed: seed + attackSeed, range: settings.clamp ? [-mean / sd, (255 - mean) / sd] : null };

  const gradients = settings.attack === 'pgd' ? steps * (epsilons.length - 1) : 1;
  const launches = epsilons.length + gradients;
  let done = 0;
  const watch = (message: string, length = 1) => {
    const from = done;
    done += length;
    return { signal, report: (fraction: number, partial?: PartialPrediction) => report((from + length * fraction) / launches, message, partial) };
  };
  /** That of the images as they are, which FGSM needs for every ε. */
  let gradient: Float32Array | undefined;
  async function attacked(epsilon: number, message: string): Promise<Float32Array> {
    if (epsilon === 0) return signStep(x, x, 0, attack.range);
    if (settings.attack === 'pgd') return projectedAscent(posterior, x, y, { ...attack, steps, epsilon: epsilon * perUnit }, watch(message, steps));
    gradient ??= await posterior.inputGradient(x, y, { ...attack, ...watch('the gradient') });
    return signStep(x, gradient, epsilon * perUnit, attack.range);
  }

  const shown = Array.from({ length: Math.min(imagesShown, rows) }, (_, row) => ({
    row,
    label: y[row]!,
    pixels: [] as number[][],
    predicted: [] as number[],
    votes: [] as number[][],
  }));
  const error: number[] = [];
  const spreads = { probability: newSpread(), total: newSpread(), aleatoric: newSpread(), epistemic: newSpread() };
  for (const epsilon of epsilons) {
    const message = `ε = ${Number(epsilon.toPrecision(3))}`;
    const changed = await attacked(epsilon, message);
    const watched = watch(message);
    const predictive = await posterior.classify(
      changed,
      rows,
      { draws, seed, ...watched },
      tellClasses({ rows: message, of: posterior.count(draws), y }, watched.report),
    );
    const predicted = predictedClasses(predictive.probabilities, classes.length);
    error.push(predicted.reduce((wrong, value, row) => wrong + Number(value !== y[row]), 0) / rows);
    addSpread(
      spreads.probability,
      Float64Array.from(y, (label, row) => predictive.probabilities[row * classes.length + label]!),
    );
    for (const part of ['total', 'aleatoric', 'epistemic'] as const) addSpread(spreads[part], predictive[part]);
    for (const { row, ...image } of shown) {
      const pixels = changed.subarray(row * size, (row + 1) * size);
      image.pixels.push(Array.from(pixels, (value) => Math.min(255, Math.max(0, Math.round(value * sd + mean)))));
      image.predicted.push(predicted[row]!);
      image.votes.push([...predictive.votes.subarray(row * classes.length, (row + 1) * classes.length)]);
    }
  }
  return {
    run: run.id,
    name: run.name,
    dataset: dataset.title,
    draws: posterior.count(draws),
    classes: [...classes],
    rows,
    epsilons,
    error,
    ...spreads,
    images: { shape: [...imageShape], shown },
  };
}
