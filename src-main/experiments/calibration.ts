/** @file Do the probabilities mean what they say, and can a map fitted on held-out rows repair them? */
import { z } from 'zod';
import { Calibration, type CalibratedClasses, type CalibratedRun, type CalibratedTargets } from '../contract/calibration';
import { WorkbenchError } from '../contract/errors';
import type { PartialPrediction } from '../contract/experiment';
import type { PreparedPart } from '../datasets/dataset';
import { ace, ece, mce } from '../engine/metrics/calibration';
import { brier, nll, predictedClasses } from '../engine/metrics/classification';
import { interpolate, isotonicFit, recalibrators, type Recalibration } from '../engine/metrics/recalibration';
import { pit } from '../engine/metrics/regression';
import { defineExperiment, drawSeed, ofEachRun, type ExperimentContext, type TrainedRun } from './experiment';
import { tellClasses } from './partial';
import { reliabilityWithExamples } from './reliability';

const Settings = z.strictObject({
  draws: z
    .int()
    .min(1)
    .max(10_000)
    .default(100)
    .meta({ title: 'Draws', description: 'Weight draws averaged in the predictive, whose probabilities are calibrated.' }),
  fitOn: z.enum(['validation', 'half-of-test']).default('validation').meta({
    title: 'Fit on',
    description:
      'Rows on which the maps are fitted: the run’s validation part, or the first half of the test part, of which the other half is then measured. Never rows that were trained on.',
  }),
  bins: z.int().min(2).max(100).default(15).meta({ title: 'Bins', description: 'Of the reliability diagram and of ECE, MCE and ACE.', advanced: true }),
  seed: drawSeed,
});
type Settings = z.output<typeof Settings>;
type Context = Pick<ExperimentContext, 'signal' | 'report'>;

export const calibration = defineExperiment({
  id: 'calibration',
  title: 'Calibration',
  reference:
    'Guo et al. (2017), On Calibration of Modern Neural Networks; Kuleshov et al. (2018), Accurate Uncertainties for Deep Learning Using Calibrated Regression',
  help: 'Compares confidence with accuracy: of the rows said to be 80 % sure, 80 % should be right. Then repairs the probabilities on held-out rows, by a temperature, by histogram binning and by isotonic regression, and measures again. NLLs of different methods are best compared after temperature scaling. For regression it compares the predicted quantiles with the shares of targets below them.',
  settings: Settings,
  result: Calibration,
  async run(context, settings) {
    const study = (run: TrainedRun, own: ExperimentContext): Promise<CalibratedRun> =>
      (run.dataset.task.kind === 'classification' ? calibrateClasses : calibrateTargets)(run, own, settings);
    return { runs: await ofEachRun(context, study) };
  },
});

interface Split {
  readonly fit: PreparedPart;
  readonly measure: PreparedPart;
  /** The test row that `measure` begins with. */
  readonly first: number;
}

/** Rows to fit on and rows to measure, disjoint. @throws WorkbenchError `unsupported` */
function split({ name, dataset }: TrainedRun, part: Settings['fitOn']): Split {
  const { validation, test } = dataset;
  const rowsOf = ({ x, y, rows }: PreparedPart, from: number, to: number): PreparedPart => ({
    rows: to - from,
    x: x.subarray((from * x.length) / rows, (to * x.length) / rows),
    y: y.subarray((from * y.length) / rows, (to * y.length) / rows),
  });
  if (part === 'validation' && validation.rows === 0)
    throw new WorkbenchError('unsupported', `${name} held no rows out for validation, so there is nothing to fit on; choose 'half-of-test' under Fit on`);
  const half = Math.floor(test.rows / 2);
  const chosen =
    part === 'validation' ? { fit: validation, measure: test, first: 0 } : { fit: rowsOf(test, 0, half), measure: rowsOf(test, half, test.rows), first: half };
  if (chosen.fit.rows < 10 || chosen.measure.rows < 10)
    throw new WorkbenchError(
      'unsupported',
      `${name} has ${chosen.fit.rows} rows to fit on and ${chosen.measure.rows} to measure; calibration needs at least 10 of each`,
    );
  return chosen;
}

const titles = {
  uncalibrated: 'As predicted',
  temperature: 'Temperature scaling',
  'histogram-binning': 'Histogram binning',
  isotonic: 'Isotonic regression',
} as const;

async function calibrateClasses(run: TrainedRun, { signal, report }: Context, { draws, fitOn, bins, seed }: Settings): Promise<CalibratedClasses> {
  const { fit, measure, first } = split(run, fitOn);
  const classes = run.dataset.classes.length;
  const share = fit.rows / (fit.rows + measure.rows);
  const predict = ({ x, y, rows }: PreparedPart, which: string, from: number, part: number) => {
    const tell = (fraction: number, partial?: PartialPrediction) => report(from + part * fraction, `predicting the ${which}`, partial);
    return run.posterior.classify(x, rows, { draws, seed, signal, report: tell }, tellClasses({ rows: which, of: run.posterior.count(draws), y }, tell));
  };
  const held = await predict(fit, 'held-out rows', 0, share);
  const predicted = await predict(measure, 'test rows', share, 1 - share);
  const variant = (id: keyof typeof titles, map: Recalibration, temperature: number | null): CalibratedClasses['variants'][number] => {
    const p = map(predicted.probabilities);
    const widths = reliabilityWithExamples(p, classes, measure.y, bins, first);
    const wrong = predictedClasses(p, classes).reduce((sum, k, row) => sum + (k === measure.y[row] ? 0 : 1), 0);
    return {
      id,
      title: titles[id],
      temperature,
      error: wrong / measure.rows,
      nll: nll(p, classes, measure.y),
      brier: brier(p, classes, measure.y),
      ece: ece(widths),
      mce: mce(widths),
      ace: ace(p, classes, measure.y, bins),
      reliability: widths,
    };
  };
  return {
    task: 'classification',
    run: run.id,
    name: run.name,
    dataset: run.dataset.title,
    draws: predicted.draws,
    rows: measure.rows,
    fitted: { part: fitOn, rows: fit.rows },
    variants: [
      variant('uncalibrated', (p) => Float64Array.from(p), null),
      ...(['temperature', 'histogram-binning', 'isotonic'] as const).map((id) => {
        const { map, temperature = null } = recalibrators[id](held.probabilities, classes, fit.y);
        return variant(id, map, temperature);
      }),
    ],
  };
}

const levels = Array.from({ length: 39 }, (_, i) => (i + 1) / 40);

/** Isotonic recalibration of the predictive distribution function: R(F(y)), R fitted to the shares of held-out rows (Kuleshov et al. 2018, algorithm 1). */
async function calibrateTargets(run: TrainedRun, { signal, report }: Context, { draws, fitOn, seed }: Settings): Promise<CalibratedTargets> {
  const { fit, measure } = split(run, fitOn);
  const transforms = async ({ x, y, rows }: PreparedPart, from: number, what: string) => {
    const {
      drawMeans,
      drawSds,
      degrees,
      draws: used,
    } = await run.posterior.regress(x, rows, { draws, seed, signal, report: (fraction) => report(from + fraction / 2, what) });
    return { used, values: pit(drawMeans, drawSds, y, degrees) };
  };
  const held = (await transforms(fit, 0, 'predicting the held-out rows')).values.toSorted();
  const { used, values } = await transforms(measure, 0.5, 'predicting the test rows');
  // Ties, such as rows far outside every draw, share one value, so that the map stays a function.
  const x = [...new Set(held)];
  const y = isotonicFit(x.map((value) => held.reduce((sum, other) => sum + (other <= value ? 1 : 0), 0) / (held.length + 1)));
  const map = (value: number) => interpolate([0, ...x, 1], [0, ...y, 1], value);
  const variant = (id: 'uncalibrated' | 'isotonic', levelsOf: Float64Array): CalibratedTargets['variants'][number] => {
    const below = levels.map((level) => levelsOf.reduce((sum, value) => sum + (value <= level ? 1 : 0), 0) / levelsOf.length);
    return {
      id,
      title: titles[id],
      share: below,
      calibrationError: below.reduce((sum, share, i) => sum + Math.abs(share - levels[i]!), 0) / levels.length,
      covered: levelsOf.reduce((sum, value) => sum + (value > 0.05 && value <= 0.95 ? 1 : 0), 0) / levelsOf.length,
    };
  };
  return {
    task: 'regression',
    run: run.id,
    name: run.name,
    dataset: run.dataset.title,
    draws: used,
    rows: measure.rows,
    fitted: { part: fitOn, rows: fit.rows },
    levels,
    variants: [variant('uncalibrated', values), variant('isotonic', values.map(map))],
  };
}
