/** @file Entropy of class probabilities, and its split into what is random and what is not known. */

/** H[p] = −Σ p log p in nats, with 0 log 0 = 0, of the `length` entries from `start` on. */
export function entropy(probabilities: ArrayLike<number>, start = 0, length = probabilities.length): number {
  let sum = 0;
  for (let i = start; i < start + length; i++) {
    const p = probabilities[i]!;
    if (p > 0) sum -= p * Math.log(p);
  }
  return sum;
}

/**
 * total H[mean p] = aleatoric mean H[p] + epistemic (mutual information between class and weights), in nats.
 * Shapes: `meanProbabilities` [rows × classes], `meanEntropies` and results [rows].
 *
 * @see Depeweg et al. (2018), Decomposition of Uncertainty in Bayesian Deep Learning, eq. 2; Houlsby et al. (2011).
 */
export function decomposeEntropy(meanProbabilities: ArrayLike<number>, classes: number, meanEntropies: Float64Array) {
  const total = Float64Array.from({ length: meanEntropies.length }, (_, row) => entropy(meanProbabilities, row * classes, classes));
  // Entropy is concave, so only rounding can make the difference negative.
  return { total, aleatoric: meanEntropies, epistemic: total.map((h, row) => Math.max(0, h - meanEntropies[row]!)) };
}
