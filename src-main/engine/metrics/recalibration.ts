/** @file Maps that correct the probabilities of a trained classifier, fitted on rows that neither training nor the report has seen. */

/** `probabilities` [rows × classes] row-major → the same shape, rows summing to 1. */
export type Recalibration = (probabilities: ArrayLike<number>) => Float64Array;

/** A method of fitting one. `labels` [rows]. */
export type Recalibrator = (
  probabilities: ArrayLike<number>,
  classes: number,
  labels: ArrayLike<number>,
) => { readonly map: Recalibration; readonly temperature?: number };

const smallest = 2.2250738585072014e-308;
const log = (probability: number): number => Math.log(Math.max(probability, smallest));

/** Each row's weights, divided by their sum; all equal where that is 0. */
function normalised(weights: Float64Array, classes: number): Float64Array {
  for (let at = 0; at < weights.length; at += classes) {
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += weights[at + k]!;
    for (let k = 0; k < classes; k++) weights[at + k] = sum > 0 ? weights[at + k]! / sum : 1 / classes;
  }
  return weights;
}

/** p_k^(1/T), normalised, by logs. */
function tempered(probabilities: ArrayLike<number>, classes: number, inverse: number): Float64Array {
  const weights = new Float64Array(probabilities.length);
  for (let at = 0; at < weights.length; at += classes) {
    let top = -Infinity;
    for (let k = 0; k < classes; k++) top = Math.max(top, log(probabilities[at + k]!));
    for (let k = 0; k < classes; k++) weights[at + k] = Math.exp(inverse * (log(probabilities[at + k]!) - top));
  }
  return normalised(weights, classes);
}

/**
 * Temperature scaling of the log of the mean predictive: p ∝ p^(1/T), T in [0.01, 100] with the least negative log-likelihood.
 * That is convex in 1/T, so the root of its derivative Σ E[log p] − log p_y is found by bisection. The arg-max never changes.
 *
 * @see Guo et al. (2017), On Calibration of Modern Neural Networks, sec. 4.2; Ashukha et al. (2020) for ensembles.
 */
export const temperatureScaling: Recalibrator = (probabilities, classes, labels) => {
  const slope = (inverse: number): number => {
    const p = tempered(probabilities, classes, inverse);
    let sum = 0;
    for (let row = 0; row < labels.length; row++) {
      sum -= log(probabilities[row * classes + labels[row]!]!);
      for (let k = 0; k < classes; k++) sum += p[row * classes + k]! * log(probabilities[row * classes + k]!);
    }
    return sum;
  };
  let [low, high] = [Math.log(0.01), Math.log(100)];
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (slope(Math.exp(middle)) < 0) low = middle;
    else high = middle;
  }
  const inverse = Math.exp((low + high) / 2);
  return { map: (p) => tempered(p, classes, inverse), temperature: 1 / inverse };
};

/** One map of probabilities per class, that class against the rest, then normalised. */
const oneVersusRest =
  (fit: (scores: readonly number[], hits: readonly boolean[]) => (score: number) => number): Recalibrator =>
  (probabilities, classes, labels) => {
    const maps = Array.from({ length: classes }, (_, k) =>
      fit(
        Array.from({ length: labels.length }, (_, row) => probabilities[row * classes + k]!),
        Array.from(labels, (label) => label === k),
      ),
    );
    return {
      map: (p) =>
        normalised(
          Float64Array.from({ length: p.length }, (_, i) => maps[i % classes]!(p[i]!)),
          classes,
        ),
    };
  };

/** Share of hits among `rows`, by Jeffreys' rule: never 0 or 1, which would cost ∞ on the first row that differs. */
const share = (hits: number, rows: number): number => (hits + 0.5) / (rows + 1);

/**
 * Histogram binning with `bins` bins of equal width over (0, 1]; an empty bin keeps its centre.
 *
 * @see Zadrozny & Elkan (2001), Obtaining calibrated probability estimates, sec. 3.
 */
export const histogramBinning = (bins = 15): Recalibrator =>
  oneVersusRest((scores, hits) => {
    const binOf = (score: number) => Math.min(bins - 1, Math.max(0, Math.ceil(score * bins) - 1));
    const counts = Array.from({ length: bins }, () => ({ rows: 0, hits: 0 }));
    scores.forEach((score, row) => {
      const bin = counts[binOf(score)]!;
      bin.rows++;
      if (hits[row]) bin.hits++;
    });
    const value = counts.map(({ rows, hits }, bin) => (rows ? share(hits, rows) : (bin + 0.5) / bins));
    return (score) => value[binOf(score)]!;
  });

/** Index of the first of the ascending bounds that is at least `value`; the last one beyond them. */
function firstAtLeast(bounds: readonly number[], value: number): number {
  let [low, high] = [0, bounds.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bounds[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Non-decreasing values closest to `values` in weighted squares: pool adjacent violators. @see Barlow et al. (1972). */
export function isotonicFit(values: readonly number[], weights: readonly number[] = values.map(() => 1)): number[] {
  const pools: { mean: number; weight: number; count: number }[] = [];
  values.forEach((mean, i) => {
    pools.push({ mean, weight: weights[i]!, count: 1 });
    while (pools.length > 1 && pools.at(-2)!.mean >= pools.at(-1)!.mean) {
      const [b, a] = [pools.pop()!, pools.pop()!];
      const weight = a.weight + b.weight;
      pools.push({ mean: (a.mean * a.weight + b.mean * b.weight) / weight, weight, count: a.count + b.count });
    }
  });
  return pools.flatMap(({ mean, count }) => Array.from({ length: count }, () => mean));
}

/**
 * Isotonic regression of hits on probabilities, linear between the fitted points; kept ½/(rows + 1) away from 0 and 1.
 *
 * @see Zadrozny & Elkan (2002), Transforming classifier scores into accurate multiclass probability estimates, sec. 3.1.
 */
export const isotonicRegression: Recalibrator = oneVersusRest((scores, hits) => {
  const order = [...scores.keys()].sort((a, b) => scores[a]! - scores[b]!);
  const x: number[] = [];
  const [sums, weights]: [number[], number[]] = [[], []];
  for (const row of order) {
    const last = x.length - 1;
    const hit = hits[row] ? 1 : 0;
    if (x[last] === scores[row]) {
      sums[last]! += hit;
      weights[last]!++;
    } else {
      x.push(scores[row]!);
      sums.push(hit);
      weights.push(1);
    }
  }
  const fitted = isotonicFit(
    sums.map((sum, i) => sum / weights[i]!),
    weights,
  );
  const margin = share(0, scores.length);
  return (score) => Math.min(1 - margin, Math.max(margin, interpolate(x, fitted, score)));
});

/** Piecewise linear through (x, y), x ascending; constant beyond the ends. */
export function interpolate(x: readonly number[], y: readonly number[], at: number): number {
  const right = firstAtLeast(x, at);
  if (right === 0 || at >= x.at(-1)!) return y[right]!;
  const [x0, x1] = [x[right - 1]!, x[right]!];
  return y[right - 1]! + ((at - x0) / (x1 - x0)) * (y[right]! - y[right - 1]!);
}

export const recalibrators = {
  temperature: temperatureScaling,
  'histogram-binning': histogramBinning(),
  isotonic: isotonicRegression,
} satisfies Record<string, Recalibrator>;
export type RecalibratorId = keyof typeof recalibrators;
