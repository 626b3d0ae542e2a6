/** @file Error and NLL of a predictive against the truth. */
import type { ClassPredictive, RegressionPredictive } from './posterior';

/** error: fraction in [0, 1]; nll: −log mean_s p_s(y), nats per row. */
export function scoreClasses({ rows, classes, probabilities }: ClassPredictive, y: ArrayLike<number>): { error: number; nll: number } {
  let errors = 0;
  let nll = 0;
  for (let i = 0; i < rows; i++) {
    const row = probabilities.subarray(i * classes, (i + 1) * classes);
    const truth = row[y[i]!]!;
    if (row.some((p, c) => p > truth || (p === truth && c < y[i]!))) errors++; // arg-max takes the first of equals
    nll -= Math.log(Math.max(truth, 2.3e-308)); // the smallest normal double: a probability of 0 counts 708 nats
  }
  return { error: errors / rows, nll: nll / rows };
}

/** rmse in target units; nll of the mixture of the draws' Gaussians, nats per row of targets in target units. `ySd`: target units per standardised unit. */
export function scoreTargets(
  { rows, draws, mean, drawMeans, drawSds }: RegressionPredictive,
  y: ArrayLike<number>,
  ySd: number,
): { rmse: number; nll: number } {
  let squares = 0;
  let nll = 0;
  const logDensities = new Float64Array(draws);
  for (let i = 0; i < rows; i++) {
    squares += (mean[i]! - y[i]!) ** 2;
    for (let s = 0; s < draws; s++) {
      const sd = drawSds[s * rows + i]!;
      logDensities[s] = -0.5 * Math.log(2 * Math.PI) - Math.log(sd) - 0.5 * ((y[i]! - drawMeans[s * rows + i]!) / sd) ** 2;
    }
    nll -= logMeanExp(logDensities);
  }
  return { rmse: ySd * Math.sqrt(squares / rows), nll: nll / rows + Math.log(ySd) };
}

function logMeanExp(values: Float64Array): number {
  const top = values.reduce((a, b) => Math.max(a, b));
  return top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0) / values.length);
}
