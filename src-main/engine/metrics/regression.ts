/** @file Scores of Gaussian and Student t predictives and of mixtures of them. `means`, `sds` [draws × rows] row-major by draw; `y` [rows]; all in the same unit. */
import { logNormal, normalCdf, normalDensity } from './normal';
import { standardised } from './student-t';

const average = (length: number, value: (row: number) => number): number => {
  let sum = 0;
  for (let row = 0; row < length; row++) sum += value(row);
  return sum / length;
};

/** Root mean squared error, in the unit of y. */
export const rmse = (mean: ArrayLike<number>, y: ArrayLike<number>): number => Math.sqrt(average(y.length, (row) => (mean[row]! - y[row]!) ** 2));

/** −log p of one Gaussian per row, nats per row. Shapes: mean, sd [rows]. */
export const gaussianNll = (mean: ArrayLike<number>, sd: ArrayLike<number>, y: ArrayLike<number>): number =>
  average(y.length, (row) => -logNormal(y[row]!, mean[row]!, sd[row]!));

/** −log (1/S) Σ_s p((y − μ_s)/σ_s)/σ_s by logsumexp, nats per row; p is the standard normal, or of Student's t with these degrees of freedom and variance 1. */
export function mixtureNll(means: ArrayLike<number>, sds: ArrayLike<number>, y: ArrayLike<number>, degrees = Infinity): number {
  const draws = means.length / y.length;
  const { logDensity } = standardised(degrees);
  const logDensities = new Float64Array(draws);
  return average(y.length, (row) => {
    for (let s = 0; s < draws; s++) {
      const sd = sds[s * y.length + row]!;
      logDensities[s] = logDensity((y[row]! - means[s * y.length + row]!) / sd) - Math.log(sd);
    }
    const top = logDensities.reduce((a, b) => Math.max(a, b));
    return -top - Math.log(logDensities.reduce((sum, value) => sum + Math.exp(value - top), 0) / draws);
  });
}

/** Mean and standard deviation of the mixture of the draws: sd² = E σ² (aleatoric) + Var μ (epistemic). [rows] each. */
export function mixtureMoments(means: ArrayLike<number>, sds: ArrayLike<number>, rows: number) {
  const draws = means.length / rows;
  const column = (value: (row: number) => number) => Float64Array.from({ length: rows }, (_, row) => value(row));
  const mean = column((row) => average(draws, (s) => means[s * rows + row]!));
  const aleatoric = column((row) => Math.sqrt(average(draws, (s) => sds[s * rows + row]! ** 2)));
  const epistemic = column((row) => Math.sqrt(average(draws, (s) => (means[s * rows + row]! - mean[row]!) ** 2)));
  return { mean, aleatoric, epistemic, total: column((row) => Math.hypot(aleatoric[row]!, epistemic[row]!)) };
}

/** A(μ, σ) = E|Z| of Z ~ N(μ, σ²). */
const foldedMean = (mean: number, sd: number): number =>
  sd === 0 ? Math.abs(mean) : 2 * sd * normalDensity(mean / sd) + mean * (2 * normalCdf(mean / sd) - 1);

/**
 * Continuous ranked probability score of the mixture of the draws, in the unit of y: E|Y − y| − ½ E|Y − Y′|. O(rows × draws²).
 * With one draw: Gneiting & Raftery (2007), Strictly Proper Scoring Rules, eq. 21.
 *
 * @see Grimit et al. (2006), The continuous ranked probability score for circular variables, eq. 5 for mixtures of Gaussians.
 */
export function crps(means: ArrayLike<number>, sds: ArrayLike<number>, y: ArrayLike<number>): number {
  const rows = y.length;
  const draws = means.length / rows;
  return average(rows, (row) => {
    const at = (s: number) => s * rows + row;
    const distance = average(draws, (s) => foldedMean(y[row]! - means[at(s)]!, sds[at(s)]!));
    let spread = 0; // of each pair once
    for (let s = 0; s < draws; s++) {
      spread += sds[at(s)]! / Math.sqrt(Math.PI);
      for (let t = 0; t < s; t++) spread += foldedMean(means[at(s)]! - means[at(t)]!, Math.hypot(sds[at(s)]!, sds[at(t)]!));
    }
    return distance - spread / draws ** 2;
  });
}

/** Prediction interval coverage probability: share of y within [lower, upper]. @see Khosravi et al. (2011). */
export const picp = (lower: ArrayLike<number>, upper: ArrayLike<number>, y: ArrayLike<number>): number =>
  average(y.length, (row) => (lower[row]! <= y[row]! && y[row]! <= upper[row]! ? 1 : 0));

/** Mean prediction interval width, in the unit of y. */
export const mpiw = (lower: ArrayLike<number>, upper: ArrayLike<number>): number => average(lower.length, (row) => upper[row]! - lower[row]!);

/**
 * Probability integral transform: the predictive probability F(y) = (1/S) Σ_s F((y − μ_s)/σ_s) of a value no larger than y, in [0, 1]; F as p of
 * `mixtureNll`. [rows]
 */
export function pit(means: ArrayLike<number>, sds: ArrayLike<number>, y: ArrayLike<number>, degrees = Infinity): Float64Array {
  const draws = means.length / y.length;
  const { cdf } = standardised(degrees);
  return Float64Array.from(y, (value, row) => average(draws, (s) => cdf((value - means[s * y.length + row]!) / sds[s * y.length + row]!)));
}

/** Probabilities at which calibration is measured: 0.05, 0.10 … 0.95. */
const levels = Array.from({ length: 19 }, (_, k) => (k + 1) / 20);

/**
 * Mean absolute gap between the probability p of a quantile and the share of rows below it, over p = 0.05 … 0.95. In [0, 0.5].
 *
 * @see Kuleshov et al. (2018), Accurate Uncertainties for Deep Learning Using Calibrated Regression, eq. 9, with absolute gaps.
 */
export const calibrationError = (transforms: ArrayLike<number>): number =>
  average(levels.length, (k) => Math.abs(average(transforms.length, (row) => (transforms[row]! <= levels[k]! ? 1 : 0)) - levels[k]!));
