/** @file What a fit of a cross-validation is measured by, in target units. */
import type { Scores } from '../contract/cross-validation';
import type { PreparedDataset, PreparedPart } from '../datasets/dataset';
import { ece, reliability } from '../engine/metrics/calibration';
import { brier, nll, predictedClasses } from '../engine/metrics/classification';
import { calibrationError, crps, gaussianNll, mixtureNll, mpiw, picp, pit, rmse } from '../engine/metrics/regression';
import { evenlySpaced } from '../engine/training/learning-curve';
import type { Posterior, PredictiveOptions } from '../engine/training/posterior';

/** Rows of a part that are scored: enough for three digits, few enough for a training part of thousands. */
const scoredRows = 1000;
/** Draws of the CRPS, whose cost grows with their square. */
const crpsDraws = 50;
/** Φ⁻¹(0.975): half the width of the 95 % interval of the moment-matched Gaussian, in standard deviations. */
const interval = 1.959963984540054;

/** Scores of the posterior on a part, by the ids of `scoreInfos`; at most 1000 rows of a training part, spread over it. */
export async function scorePart(
  { task, scaling }: Pick<PreparedDataset, 'task' | 'scaling'>,
  part: PreparedPart,
  posterior: Posterior,
  options: PredictiveOptions,
): Promise<Scores> {
  const scores = task.kind === 'regression' ? await scoreTargets(part, scaling.ySd, posterior, options) : await scoreClasses(part, posterior, options);
  return Object.fromEntries(Object.entries(scores).map(([id, value]) => [id, Number.isFinite(value) ? value : null]));
}

/** Of a training part, which may be long, a share of the rows is enough. */
export const trainingSample = (part: PreparedPart): PreparedPart => evenlySpaced(part, scoredRows);

async function scoreTargets({ x, y, rows }: PreparedPart, ySd: number, posterior: Posterior, options: PredictiveOptions): Promise<Record<string, number>> {
  const { mean, total, drawMeans, drawSds, degrees, draws } = await posterior.regress(x, rows, options);
  const logScale = Math.log(ySd); // a density in target units is 1/ySd of that in standardised units
  const bound = (sign: number) => mean.map((value, row) => value + sign * interval * total[row]!);
  const [lower, upper] = [bound(-1), bound(1)];
  const few = rows * Math.min(draws, crpsDraws);
  return {
    rmse: ySd * rmse(mean, y),
    logLikelihood: -mixtureNll(drawMeans, drawSds, y, degrees) - logScale,
    logLikelihoodMoments: -gaussianNll(mean, total, y) - logScale,
    crps: ySd * crps(drawMeans.subarray(0, few), drawSds.subarray(0, few), y),
    picp: picp(lower, upper, y),
    mpiw: ySd * mpiw(lower, upper),
    calibrationError: calibrationError(pit(drawMeans, drawSds, y, degrees)),
  };
}

async function scoreClasses({ x, y, rows }: PreparedPart, posterior: Posterior, options: PredictiveOptions): Promise<Record<string, number>> {
  const { probabilities, classes } = await posterior.classify(x, rows, options);
  const predicted = predictedClasses(probabilities, classes);
  return {
    error: predicted.filter((label, row) => label !== y[row]).length / rows,
    logLikelihood: -nll(probabilities, classes, y),
    brier: brier(probabilities, classes, y),
    calibrationError: ece(reliability(probabilities, classes, y)),
  };
}
