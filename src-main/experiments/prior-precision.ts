/** @file Which prior precision suits a Laplace approximation: by the evidence, and by held-out rows. */
import { z } from 'zod';
import { WorkbenchError } from '../contract/errors';
import { PriorPrecision, type RefittedRun } from '../contract/prior-precision';
import type { PreparedPart } from '../datasets/dataset';
import { ece, reliability } from '../engine/metrics/calibration';
import { nll } from '../engine/metrics/classification';
import { mixtureNll, rmse } from '../engine/metrics/regression';
import { evenlySpaced } from '../engine/training/learning-curve';
import type { PredictiveOptions } from '../engine/training/posterior';
import { defineExperiment, drawSeed, ofEachRun, type ExperimentContext, type TrainedRun } from './experiment';

const power = (usual: number, title: string) =>
  z.int().min(-6).max(8).default(usual).meta({ title, description: 'A power of ten, of the precision as a multiple of that of the prior trained with.' });

const Settings = z.strictObject({
  lowest: power(-2, 'Lowest power'),
  highest: power(4, 'Highest power'),
  points: z.int().min(2).max(100).default(13).meta({ title: 'Points', description: 'Precisions between the two, evenly spaced on a logarithmic scale.' }),
  draws: z
    .int()
    .min(1)
    .max(10_000)
    .default(30)
    .meta({ title: 'Draws', description: 'Weight draws averaged at each precision, the same noise for all of them.' }),
  rows: z.int().min(1).max(1_000_000).default(2000).meta({ title: 'Rows', description: 'At most this many validation rows. Test rows are never looked at.' }),
  seed: drawSeed,
});
type Settings = z.output<typeof Settings>;
type Context = Pick<ExperimentContext, 'signal' | 'report'>;

export const priorPrecision = defineExperiment({
  id: 'prior-precision',
  title: 'Prior precision',
  reference: 'Ritter et al. (2018), A scalable Laplace approximation for neural networks, sec. 5; Immer et al. (2021), Scalable marginal likelihood estimation',
  help: 'A Laplace approximation keeps the curvature of the data apart from the prior, so that the prior’s precision can be changed without training anew. This tries a range of precisions: too small a one and the draws are wild, too large a one and they are all the same. The evidence needs no held-out rows; the validation rows say how well each precision predicts.',
  settings: Settings,
  result: PriorPrecision,
  async run(context, settings) {
    if (settings.lowest >= settings.highest)
      throw new WorkbenchError('invalid-spec', `The powers of ten go from ${settings.lowest} to ${settings.highest}; the second must be the larger one`);
    const runs = await ofEachRun(context, (run, own) => refit(run, own, settings));
    return { runs };
  },
});

async function refit(
  { id, name, dataset, posterior, priorPrecision: prior }: TrainedRun,
  { signal, report }: Context,
  settings: Settings,
): Promise<RefittedRun> {
  if (!prior)
    throw new WorkbenchError(
      'unsupported',
      `${name} has no finished Laplace approximation, whose prior could be changed; choose a finished run of that method`,
    );
  const { lowest, highest, points, draws, seed } = settings;
  const precision = Array.from({ length: points }, (_, i) => 10 ** (lowest + ((highest - lowest) * i) / (points - 1)));
  const heldOut = evenlySpaced(dataset.validation, settings.rows) as PreparedPart;
  const classes = dataset.task.kind === 'classification';
  const result: RefittedRun = {
    run: id,
    name,
    dataset: dataset.title,
    draws: posterior.count(draws),
    rows: heldOut.rows,
    current: prior.current,
    precision,
    logEvidence: precision.map((value) => prior.logEvidence(value)),
    nll: [],
    score: { name: classes ? 'ECE' : 'RMSE', values: [] },
  };
  try {
    for (const [i, value] of precision.entries()) {
      if (heldOut.rows === 0) break;
      prior.use(value);
      const options = { draws, seed, signal, report: (fraction: number) => report((i + fraction) / points, `precision ${value.toPrecision(2)}`) };
      const scores = await (classes ? scoreClasses : scoreTargets)({ posterior, dataset }, heldOut, options);
      result.nll.push(scores.nll);
      result.score.values.push(scores.score);
    }
  } finally {
    prior.use(prior.current);
  }
  return result;
}

type Scored = Pick<TrainedRun, 'posterior' | 'dataset'>;

async function scoreClasses({ posterior }: Scored, { x, y, rows }: PreparedPart, options: PredictiveOptions) {
  const { probabilities, classes } = await posterior.classify(x, rows, options);
  return { nll: nll(probabilities, classes, y), score: ece(reliability(probabilities, classes, y)) };
}

/** In target units. */
async function scoreTargets({ posterior, dataset }: Scored, { x, y, rows }: PreparedPart, options: PredictiveOptions) {
  const { ySd } = dataset.scaling;
  const { mean, drawMeans, drawSds } = await posterior.regress(x, rows, options);
  return { nll: mixtureNll(drawMeans, drawSds, y) + Math.log(ySd), score: ySd * rmse(mean, y) };
}
