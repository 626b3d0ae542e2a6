/** @file How well uncertainty tells data that a model was not trained for from its own test part. */
import { z } from 'zod';
import { WorkbenchError } from '../contract/errors';
import type { PartialPrediction } from '../contract/experiment';
import { OodDetection, type Distribution, type OodRun, type SeenSet } from '../contract/ood-detection';
import { detectionWithIntervals } from '../engine/metrics/detection-bootstrap';
import type { ClassPredictive } from '../engine/training/posterior';
import { defineExperiment, ofEachRun, type ExperimentContext, type TrainedRun } from './experiment';
import { examplesByBin } from './examples';
import { tellClasses } from './partial';
import { loadUnseen, type UnseenRows } from './ood-images';

const coverage = 0.95;
const bins = 40;
const gridPoints = 201;

const Settings = z.strictObject({
  dataset: z.string().max(100).default('drawn-glyphs').meta({
    title: 'Against',
    description: 'Id of the dataset that the model was not trained for: its test part is used, scaled like the training data. Also: noise, blank.',
  }),
  draws: z.int().min(1).max(10_000).default(100).meta({
    title: 'Draws',
    description: 'Weight draws averaged in the predictive. Entropies and mutual information are biased low by about 1/draws: compare runs at equal draws.',
  }),
  rows: z.int().min(2).max(1_000_000).default(10_000).meta({ title: 'Rows', description: 'At most this many rows of each set, the first ones.' }),
  resamples: z
    .int()
    .min(20)
    .max(10_000)
    .default(400)
    .meta({ title: 'Bootstrap resamples', description: 'Resampled sets behind each 95 % interval.', advanced: true }),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1)
    .meta({ title: 'Seed', description: 'Fixes the draws, the noise images and the resamples.', advanced: true }),
});
type Settings = z.output<typeof Settings>;

export const oodDetection = defineExperiment({
  id: 'ood-detection',
  title: 'Out of distribution',
  reference: 'Hendrycks & Gimpel (2017), A Baseline for Detecting Misclassified and Out-of-Distribution Examples; Liang et al. (2018), sec. 4.2 (FPR95)',
  help: 'Shows the model images of a kind it was never trained for, and measures how well its uncertainty tells them from its own test images: total entropy, mutual information (epistemic) and the largest class probability.',
  settings: Settings,
  result: OodDetection,
  async run(context, settings) {
    const runs = await ofEachRun(context, (run, own) => detect(run, own, settings));
    return { coverage, runs };
  },
});

/** `dataset` is absent of the run's own rows. */
type OodSet = Omit<UnseenRows, 'dataset'> & Partial<Pick<UnseenRows, 'dataset'>>;

async function detect(run: TrainedRun, context: ExperimentContext, { dataset: id, draws, rows: limit, resamples, seed }: Settings): Promise<OodRun> {
  const { dataset, posterior } = run;
  if (dataset.task.kind !== 'classification')
    throw new WorkbenchError('unsupported', `${run.name} is a regression; out-of-distribution detection compares entropies of classes: choose a classifier`);
  if (dataset.test.rows === 0) throw new WorkbenchError('invalid-spec', `${dataset.title} has no test rows to compare with`);
  context.report(0, 'opening the other dataset');
  const unseen = await loadUnseen(context, dataset, { id, limit, seed });
  const rows = Math.min(limit, dataset.test.rows);
  const own: OodSet = { title: dataset.title, rows, x: dataset.test.x.subarray(0, (dataset.test.x.length / dataset.test.rows) * rows) };

  const share = own.rows / (own.rows + unseen.rows);
  const of = posterior.count(draws);
  const predict = ({ title, rows, x }: OodSet, from: number, to: number, y?: ArrayLike<number>) => {
    const report = (fraction: number, partial?: PartialPrediction) => context.report(from + (to - from) * fraction, title, partial);
    return posterior.classify(x, rows, { draws, seed, signal: context.signal, report }, tellClasses({ rows: title, of, ...(y && { y }) }, report));
  };
  const seen = { inside: await predict(own, 0, 0.95 * share, dataset.test.y.subarray(0, rows)), outside: await predict(unseen, 0.95 * share, 0.95) };

  context.report(0.95, 'resampling');
  const scores = (by: (predictive: ClassPredictive) => ArrayLike<number>) =>
    detectionWithIntervals(by(seen.inside), by(seen.outside), { resamples, seed, coverage });
  const top = Math.log(dataset.classes.length);
  const edges = Array.from({ length: bins + 1 }, (_, i) => (i * top) / bins);
  const grid = Array.from({ length: gridPoints }, (_, i) => (i * top) / (gridPoints - 1));
  const describe = ({ title, rows, dataset }: OodSet, { total, epistemic }: ClassPredictive): SeenSet => ({
    title,
    rows,
    ...(dataset !== undefined && { dataset }),
    total: distribution(total, edges, grid),
    epistemic: distribution(epistemic, edges, grid),
  });
  return {
    run: run.id,
    name: run.name,
    draws: seen.inside.draws,
    edges,
    grid,
    inside: describe(own, seen.inside),
    outside: describe(unseen, seen.outside),
    detection: { total: scores(({ total }) => total), epistemic: scores(({ epistemic }) => epistemic), maxProbability: scores(negatedMaxProbability) },
  };
}

/** −max_k p_k of each row: higher = less sure. */
export const negatedMaxProbability = ({ probabilities, classes, rows }: Pick<ClassPredictive, 'probabilities' | 'classes' | 'rows'>): Float64Array =>
  Float64Array.from({ length: rows }, (_, row) => -Math.max(...probabilities.subarray(row * classes, (row + 1) * classes)));

/** Counts and examples in the bins between `edges`, and the share of values above each point of `grid`. */
export function distribution(values: Float64Array, edges: readonly number[], grid: readonly number[]): Distribution {
  const bins = edges.length - 1;
  const count = Array.from({ length: bins }, () => 0);
  const binOf = (value: number) => Math.min(bins - 1, Math.max(0, Math.floor((value / edges.at(-1)!) * bins)));
  for (const value of values) count[binOf(value)]!++;
  const examples = examplesByBin(values.length, bins, (row) => binOf(values[row]!));
  const sorted = values.toSorted();
  let below = 0;
  const survival = grid.map((x) => {
    while (below < sorted.length && sorted[below]! <= x) below++;
    return 1 - below / sorted.length;
  });
  return { count, examples, survival, mean: values.reduce((sum, value) => sum + value, 0) / values.length };
}
