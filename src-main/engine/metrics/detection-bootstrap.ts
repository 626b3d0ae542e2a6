/** @file How sure the scores of a detection are: percentile intervals over resampled rows. */
import { WorkbenchError } from '../../contract/errors';
import { philox } from '../numerics/philox';

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface DetectionScores {
  readonly auroc: number;
  readonly aupr: number;
  readonly fpr95: number;
}

export interface BootstrapOptions {
  readonly resamples: number;
  readonly seed: number;
  /** In (0, 1). */
  readonly coverage: number;
}

/** AUROC, AUPR and FPR95 of rows sorted from the highest score down, each counted `weight` times. One pass: a resample costs no sorting. */
function scoresOf(scores: Float64Array, positive: Uint8Array, weight: Uint32Array, negatives: number, positives: number): DetectionScores {
  const needed = Math.ceil((95 * positives) / 100);
  let [caught, alarms, auroc, aupr, fpr95] = [0, 0, 0, 0, NaN];
  for (let i = 0; i < scores.length;) {
    const [caughtBefore, alarmsBefore] = [caught, alarms];
    const score = scores[i]!;
    for (; i < scores.length && scores[i] === score; i++) {
      if (positive[i]) caught += weight[i]!;
      else alarms += weight[i]!;
    }
    auroc += ((alarms - alarmsBefore) * (caught + caughtBefore)) / 2;
    if (caught > caughtBefore) aupr += ((caught - caughtBefore) / positives) * (caught / (caught + alarms));
    if (caught >= needed && Number.isNaN(fpr95)) fpr95 = alarms / negatives;
  }
  return { auroc: auroc / (negatives * positives), aupr, fpr95 };
}

/**
 * The three scores with percentile bootstrap intervals, positives and negatives resampled each for themselves. Definitions: `detection.ts`.
 *
 * @throws WorkbenchError `invalid-spec` if either class is empty.
 * @see Efron & Tibshirani (1993), An Introduction to the Bootstrap, sec. 13.3; Fawcett (2006).
 */
export function detectionWithIntervals(
  negatives: ArrayLike<number>,
  positives: ArrayLike<number>,
  { resamples, seed, coverage }: BootstrapOptions,
): Record<keyof DetectionScores, Interval> {
  const [n, m] = [negatives.length, positives.length];
  if (n === 0 || m === 0)
    throw new WorkbenchError('invalid-spec', `A detection score needs both classes, but got ${n} negatives and ${m} positives; choose data of both kinds.`);
  const scoreOf = (row: number) => (row < n ? negatives[row]! : positives[row - n]!);
  const order = Uint32Array.from({ length: n + m }, (_, row) => row).sort((a, b) => scoreOf(b) - scoreOf(a));
  const scores = Float64Array.from(order, scoreOf);
  const positive = Uint8Array.from(order, (row) => Number(row >= n));
  const placeOf = new Uint32Array(n + m);
  order.forEach((row, place) => (placeOf[row] = place));

  const weight = new Uint32Array(n + m).fill(1);
  const value = scoresOf(scores, positive, weight, n, m);
  const block = new Uint32Array(4);
  const resampled = Array.from({ length: resamples }, (_, resample) => {
    weight.fill(0);
    for (let i = 0; i < n + m; i++) {
      if (i % 4 === 0) philox(block, i / 4, 0, resample, 0, seed, 0);
      const share = block[i % 4]! / 2 ** 32;
      weight[placeOf[i < n ? Math.floor(share * n) : n + Math.floor(share * m)]!]!++;
    }
    return scoresOf(scores, positive, weight, n, m);
  });
  const interval = (key: keyof DetectionScores): Interval => {
    const sorted = Float64Array.from(resampled, (one) => one[key]).sort();
    const quantile = (share: number) => sorted[Math.round(share * (resamples - 1))]!;
    return { value: value[key], low: quantile((1 - coverage) / 2), high: quantile((1 + coverage) / 2) };
  };
  return { auroc: interval('auroc'), aupr: interval('aupr'), fpr95: interval('fpr95') };
}
