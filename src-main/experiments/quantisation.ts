/** @file What a posterior loses, and what it saves, in 8-bit integers. */
import { z } from 'zod';
import { WorkbenchError } from '../contract/errors';
import { Quantised, type QuantisedRun } from '../contract/quantisation';
import type { PreparedPart } from '../datasets/dataset';
import { ece, reliability } from '../engine/metrics/calibration';
import { nll, predictedClasses } from '../engine/metrics/classification';
import { mixtureNll, rmse } from '../engine/metrics/regression';
import { evenlySpaced } from '../engine/training/learning-curve';
import type { ClassPredictive, RegressionPredictive } from '../engine/training/posterior';
import type { Quantisation } from '../engine/training/quantisation';
import { defineExperiment, drawSeed, ofEachRun, type ExperimentContext, type TrainedRun } from './experiment';

const Settings = z.strictObject({
  draws: z.int().min(1).max(1000).default(30).meta({ title: 'Draws', description: 'Weight draws averaged, the same ones in both precisions.' }),
  rows: z.int().min(1).max(1_000_000).default(10_000).meta({ title: 'Rows', description: 'At most this many test rows, evenly spaced.' }),
  calibrationRows: z
    .int()
    .min(500)
    .max(100_000)
    .default(1000)
    .meta({ title: 'Calibration rows', description: 'Training rows that the ranges of the activations are measured on, or all where there are fewer.' }),
  range: z.enum(['max-abs', 'percentile', 'mse']).default('max-abs').meta({
    title: 'Range',
    description:
      'Of the activations. max-abs: up to the largest that was seen. percentile: leaves the very largest out. mse: the range with the least squared error of clipping and rounding.',
  }),
  percentile: z
    .number()
    .min(90)
    .max(100)
    .default(99.99)
    .meta({ title: 'Percentile', unit: '%', description: 'Share of the magnitudes inside the range.', when: { range: ['percentile'] } }),
  seed: drawSeed,
});
type Settings = z.output<typeof Settings>;

/** Rows whose uncertainty is drawn. */
const shownRows = 500;

export const quantisation = defineExperiment({
  id: 'quantisation',
  title: 'Quantisation',
  reference:
    'Jacob et al. (2018), Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference, sec. 2; as in bayesian-torch, after training, symmetric, one step per tensor',
  help: 'Rounds the weights of each draw and the activations to 8-bit integers and measures what changes: the model is a quarter of the size, and often faster, but rounding can drown the small differences between draws that are the epistemic uncertainty. Dense and convolution layers are computed in integers; the rest stays as it is. Export the integer model from the run’s page.',
  settings: Settings,
  result: Quantised,
  async run(context, settings) {
    const runs = await ofEachRun(context, (run, own) => quantise(run, own, settings));
    return { runs };
  },
});

async function quantise(run: TrainedRun, { signal, report }: Pick<ExperimentContext, 'signal' | 'report'>, settings: Settings): Promise<QuantisedRun> {
  const { id, name, dataset, precision, posterior } = run;
  const { draws, seed, range, percentile } = settings;
  const test = evenlySpaced(dataset.test, settings.rows) as PreparedPart;
  const calibration = evenlySpaced(dataset.train, settings.calibrationRows);
  if (test.rows === 0) throw new WorkbenchError('unsupported', `${dataset.title} has no test rows to measure on; choose a dataset that has some`);
  const integers: Quantisation = {
    rows: calibration.rows,
    x: calibration.x,
    range: range === 'percentile' ? { by: range, percentile } : { by: range },
    threads: precision.threads,
  };
  const options = (from: number, message: string) => ({ draws, seed, signal, report: (fraction: number) => report(from + fraction / 2, message) });
  const both = async <Predictive>(predict: (options_: ReturnType<typeof options>, integers?: Quantisation) => Promise<Predictive>) =>
    [await predict(options(0, 'single precision')), await predict(options(0.5, '8-bit integers'), integers)] as const;
  const common = {
    run: id,
    name,
    dataset: dataset.title,
    draws: posterior.count(draws),
    rows: test.rows,
    calibrationRows: calibration.rows,
    threads: precision.threads,
  };

  if (dataset.task.kind === 'classification') {
    const [float, integer] = await both((own, ints) => precision.classify(test.x, test.rows, own, ints));
    return { ...common, ...costs(float.cost, integer.cost), ...compareClasses([float.predictive, integer.predictive], test.y) };
  }
  const [float, integer] = await both((own, ints) => precision.regress(test.x, test.rows, own, ints));
  return { ...common, ...costs(float.cost, integer.cost), ...compareTargets([float.predictive, integer.predictive], test.y, dataset) };
}

type Cost = Awaited<ReturnType<TrainedRun['precision']['classify']>>['cost'];
const costs = (float: Cost, integer: Cost): Pick<QuantisedRun, 'bytes' | 'milliseconds'> => ({
  bytes: [float.bytes, integer.bytes],
  milliseconds: [float.milliseconds, integer.milliseconds],
});

type Pair<T> = readonly [float: T, integer: T];
type Comparison = Pick<QuantisedRun, 'scores' | 'agreement' | 'epistemic'>;

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const score = <T>(name: string, unit: string, pair: Pair<T>, of: (predictive: T) => number): QuantisedRun['scores'][number] => ({
  name,
  unit,
  values: [of(pair[0]), of(pair[1])],
});

function compareClasses(pair: Pair<ClassPredictive>, y: ArrayLike<number>): Comparison {
  const classesOf = ({ probabilities, classes }: ClassPredictive) => predictedClasses(probabilities, classes);
  const [one, other] = [classesOf(pair[0]), classesOf(pair[1])];
  return {
    scores: [
      score('Error', '%', pair, (own) => 100 * mean(classesOf(own).map((label, row) => Number(label !== y[row])))),
      score('NLL', 'nats per row', pair, ({ probabilities, classes }) => nll(probabilities, classes, y)),
      score('ECE', '%', pair, ({ probabilities, classes }) => 100 * ece(reliability(probabilities, classes, y))),
      score('Total entropy', 'nats', pair, ({ total }) => mean(total)),
      score('Mutual information', 'nats', pair, ({ epistemic }) => mean(epistemic)),
    ],
    agreement: mean(one.map((label, row) => Number(label === other[row]))),
    epistemic: shown(pair, 'nats', 1),
  };
}

function compareTargets(pair: Pair<RegressionPredictive>, y: ArrayLike<number>, { scaling: { ySd }, target: { unit } }: TrainedRun['dataset']): Comparison {
  return {
    scores: [
      score('RMSE', unit, pair, (own) => ySd * rmse(own.mean, y)),
      score('NLL', 'nats per row', pair, ({ drawMeans, drawSds, degrees }) => mixtureNll(drawMeans, drawSds, y, degrees) + Math.log(ySd)),
      score('Total uncertainty', unit, pair, ({ total }) => ySd * mean(total)),
      score('Epistemic uncertainty', unit, pair, ({ epistemic }) => ySd * mean(epistemic)),
    ],
    agreement: null,
    epistemic: shown(pair, unit, ySd),
  };
}

function shown([float, integer]: Pair<{ readonly rows: number; readonly epistemic: Float64Array }>, unit: string, scale: number): QuantisedRun['epistemic'] {
  const step = Math.max(1, Math.ceil(float.rows / shownRows));
  const some = (values: Float64Array) =>
    Array.from(
      values.filter((_, row) => row % step === 0),
      (value) => scale * value,
    );
  return { unit, float: some(float.epistemic), integer: some(integer.epistemic) };
}
