/** @file What a model says of images as they turn away from what it was trained on. */
import { z } from 'zod';
import { WorkbenchError } from '../contract/errors';
import type { PartialPrediction } from '../contract/experiment';
import { Rotation, type RotatedRun } from '../contract/rotation';
import { rowsOfLargest } from './examples';
import { defineExperiment, drawSeed, ofEachRun, type ExperimentContext, type TrainedRun } from './experiment';
import { tellClasses } from './partial';
import { planRotation, rotateImages } from './rotate-image';
import { addSpread, newSpread } from './spread';

const Settings = z.strictObject({
  image: z.int().min(0).max(1_000_000).default(90).meta({ title: 'Image', description: 'The test image that is followed through its angles, counted from 0.' }),
  draws: z.int().min(1).max(10_000).default(100).meta({
    title: 'Draws',
    description: 'Weight draws averaged in the predictive. Entropies and mutual information are biased low by about 1/draws: compare runs at equal draws.',
  }),
  rows: z.int().min(1).max(1_000_000).default(10_000).meta({ title: 'Rows', description: 'At most this many test images for the averages, the first ones.' }),
  imageAngles: z.int().min(2).max(180).default(10).meta({ title: 'Angles of the image', description: 'Spread evenly over 0–179°.', advanced: true }),
  angles: z.int().min(2).max(180).default(16).meta({ title: 'Angles of the test part', description: 'Spread evenly over 0–179°.', advanced: true }),
  seed: drawSeed,
});
type Settings = z.output<typeof Settings>;

export const rotation = defineExperiment({
  id: 'rotation',
  title: 'Rotation',
  reference: 'Gal & Ghahramani (2016), Dropout as a Bayesian Approximation, fig. 4; Louizos & Welling (2017), sec. 4.2',
  help: 'Turns one test image, and the whole test part, from upright to upside down. As the images leave the training data, the probability of the true class should fall and the uncertainty rise, the epistemic part above all.',
  settings: Settings,
  result: Rotation,
  async run(context, settings) {
    const runs = await ofEachRun(context, (run, own) => turn(run, own, settings));
    return { runs };
  },
});

/** Whole degrees from 0 to 179, evenly spread. */
export const anglesOf = (count: number): number[] => Array.from({ length: count }, (_, i) => Math.floor((179 * i) / (count - 1)));

async function turn(run: TrainedRun, { signal, report }: Pick<ExperimentContext, 'signal' | 'report'>, settings: Settings): Promise<RotatedRun> {
  const { dataset, posterior } = run;
  const { imageShape, inputShape, test, scaling, raw, classes } = dataset;
  if (dataset.task.kind !== 'classification' || !imageShape || inputShape[2] !== 1)
    throw new WorkbenchError('unsupported', `Rotation needs a classifier of grey images, but ${run.name} takes ${dataset.title}; choose another run`);
  const { image, draws, seed } = settings;
  if (image >= test.rows) throw new WorkbenchError('invalid-spec', `${dataset.title} has ${test.rows} test images; choose one from 0 to ${test.rows - 1}`);
  const [height, width] = imageShape;
  const size = height * width;
  const background = -scaling.xMean[0]! / scaling.xSd[0]!;
  const rows = Math.min(settings.rows, test.rows);

  const own = anglesOf(settings.imageAngles);
  const upright = test.x.subarray(image * size, (image + 1) * size);
  const turned = own.map((angle) => rotateImages(upright, planRotation(height, width, angle), background));
  const x = new Float32Array(own.length * size);
  turned.forEach((pixels, i) => x.set(pixels, i * size));

  const angles = anglesOf(settings.angles);
  const all = { probability: newSpread(), total: newSpread(), aleatoric: newSpread(), epistemic: newSpread() };
  const examples: number[][] = [];
  const [many, truth] = [test.x.subarray(0, rows * size), test.y.subarray(0, rows)];
  for (const [i, angle] of angles.entries()) {
    const message = `the test images at ${angle}°`;
    const tell = (fraction: number, partial?: PartialPrediction) => report((i + fraction) / angles.length, message, partial);
    const predictive = await posterior.classify(
      rotateImages(many, planRotation(height, width, angle), background),
      rows,
      { draws, seed, signal, report: tell },
      tellClasses({ rows: message, of: posterior.count(draws), y: truth }, tell),
    );
    const ofTruth = Float64Array.from({ length: rows }, (_, row) => predictive.probabilities[row * classes.length + truth[row]!]!);
    addSpread(all.probability, ofTruth);
    for (const part of ['total', 'aleatoric', 'epistemic'] as const) addSpread(all[part], predictive[part]);
    examples.push(rowsOfLargest(predictive.total));
  }

  const ofOne = await posterior.classify(x, own.length, { draws, seed, signal });
  return {
    run: run.id,
    name: run.name,
    dataset: dataset.title,
    draws: ofOne.draws,
    classes: [...classes],
    imageShape: [height, width],
    one: {
      row: image,
      label: raw.test.y[image]!,
      angles: own,
      pixels: turned.map((pixels) => Array.from(pixels, (value) => Math.min(255, Math.max(0, Math.round(value * scaling.xSd[0]! + scaling.xMean[0]!))))),
      probabilities: own.map((_, i) => [...ofOne.probabilities.subarray(i * classes.length, (i + 1) * classes.length)]),
    },
    all: { rows, angles, ...all, examples },
  };
}
