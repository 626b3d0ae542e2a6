/** @file Scores of class probabilities. Everywhere: `probabilities` [rows × classes] row-major, `labels` [rows] class indices. */

/** Index of the largest entry of each row; the first of equals. [rows] */
export function predictedClasses(probabilities: ArrayLike<number>, classes: number): Int32Array {
  return Int32Array.from({ length: probabilities.length / classes }, (_, row) => {
    let best = 0;
    for (let k = 1; k < classes; k++) if (probabilities[row * classes + k]! > probabilities[row * classes + best]!) best = k;
    return best;
  });
}

/** −log p(label) of each row in nats, [rows]. A probability of 0 counts as the smallest normal double: 708 nats. */
export function nllPerRow(probabilities: ArrayLike<number>, classes: number, labels: ArrayLike<number>): Float64Array {
  return Float64Array.from(labels, (label, row) => -Math.log(Math.max(probabilities[row * classes + label]!, 2.2250738585072014e-308)));
}

/** Mean negative log-likelihood, nats per row. */
export const nll = (probabilities: ArrayLike<number>, classes: number, labels: ArrayLike<number>): number =>
  nllPerRow(probabilities, classes, labels).reduce((sum, value) => sum + value, 0) / labels.length;

/**
 * Mean over the rows of Σ_k (p_k − [k = label])², in [0, 2].
 *
 * @see Brier (1950), Verification of forecasts expressed in terms of probability.
 */
export function brier(probabilities: ArrayLike<number>, classes: number, labels: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < labels.length * classes; i++) sum += (probabilities[i]! - (i % classes === labels[Math.floor(i / classes)] ? 1 : 0)) ** 2;
  return sum / labels.length;
}

/** Counts of rows by [true class][predicted class]. */
export function confusion(probabilities: ArrayLike<number>, classes: number, labels: ArrayLike<number>): number[][] {
  const counts = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  predictedClasses(probabilities, classes).forEach((predicted, row) => counts[labels[row]!]![predicted]!++);
  return counts;
}
