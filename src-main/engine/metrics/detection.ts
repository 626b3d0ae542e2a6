/** @file How well a score tells two groups apart. The positive class (out-of-distribution, or errors) should score higher. */
import { WorkbenchError } from '../../contract/errors';

/** Positives and negatives at or above each distinct score, from the highest score down. */
function sweep(negatives: ArrayLike<number>, positives: ArrayLike<number>): { caught: number; alarms: number }[] {
  if (negatives.length === 0 || positives.length === 0) {
    throw new WorkbenchError(
      'invalid-spec',
      `A detection score needs both classes, but got ${negatives.length} negatives and ${positives.length} positives; choose data of both kinds.`,
    );
  }
  const scored = [...Array.from(negatives, (score) => ({ score, positive: 0 })), ...Array.from(positives, (score) => ({ score, positive: 1 }))].sort(
    (a, b) => b.score - a.score,
  );
  const points: { caught: number; alarms: number }[] = [];
  let caught = 0;
  scored.forEach(({ score, positive }, i) => {
    caught += positive;
    if (scored[i + 1]?.score !== score) points.push({ caught, alarms: i + 1 - caught });
  });
  return points;
}

/**
 * Area under the ROC curve: P(positive scores higher than negative) + ½ P(tie). In [0, 1].
 *
 * @throws WorkbenchError `invalid-spec` if either class is empty.
 * @see Fawcett (2006), An introduction to ROC analysis, algorithm 3.
 */
export function auroc(negatives: ArrayLike<number>, positives: ArrayLike<number>): number {
  let area = 0;
  let last = { caught: 0, alarms: 0 };
  for (const point of sweep(negatives, positives)) {
    area += ((point.alarms - last.alarms) * (point.caught + last.caught)) / 2;
    last = point;
  }
  return area / (negatives.length * positives.length);
}

/**
 * Average precision: Σ (recallₙ − recallₙ₋₁) precisionₙ over the distinct scores. In [0, 1].
 *
 * @throws WorkbenchError `invalid-spec` if either class is empty.
 */
export function aupr(negatives: ArrayLike<number>, positives: ArrayLike<number>): number {
  let area = 0;
  let last = 0;
  for (const { caught, alarms } of sweep(negatives, positives)) {
    area += ((caught - last) / positives.length) * (caught / (caught + alarms));
    last = caught;
  }
  return area;
}

/**
 * Share of negatives flagged at the highest threshold that catches at least 95 % of the positives. In [0, 1].
 *
 * @throws WorkbenchError `invalid-spec` if either class is empty.
 * @see Liang et al. (2018), ODIN, sec. 4.2
 */
export function fpr95(negatives: ArrayLike<number>, positives: ArrayLike<number>): number {
  // ⌈0.95 n⌉ in integers: 0.95 × 100 is not 95 in floating point everywhere.
  const needed = Math.ceil((95 * positives.length) / 100);
  return sweep(negatives, positives).find(({ caught }) => caught >= needed)!.alarms / negatives.length;
}
