import { describe, expect, it } from 'vitest';
import { philox } from '../numerics/philox';
import { auroc, aupr, fpr95 } from './detection';
import { detectionWithIntervals } from './detection-bootstrap';

const block = new Uint32Array(4);
const uniform = (i: number, stream: number) => {
  philox(block, i, stream, 0, 0, 7, 0);
  return block[0]! / 2 ** 32;
};
const options = { resamples: 400, seed: 1, coverage: 0.95 };

describe('detectionWithIntervals', () => {
  const negatives = Array.from({ length: 150 }, (_, i) => Math.round(20 * uniform(i, 1))); // with ties
  const positives = Array.from({ length: 110 }, (_, i) => Math.round(20 * uniform(i, 2)) + 5);

  it('scores as the plain definitions do, ties included, inside its intervals', () => {
    const scores = detectionWithIntervals(negatives, positives, options);
    expect(scores.auroc.value).toBeCloseTo(auroc(negatives, positives), 14);
    expect(scores.aupr.value).toBeCloseTo(aupr(negatives, positives), 14);
    expect(scores.fpr95.value).toBe(fpr95(negatives, positives));
    for (const { value, low, high } of Object.values(scores)) {
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
    }
  });

  it('turns around when the classes are swapped', () => {
    const there = detectionWithIntervals(negatives, positives, options).auroc.value;
    const back = detectionWithIntervals(positives, negatives, options).auroc.value;
    expect(there + back).toBeCloseTo(1, 14);
  });

  // Mutations caught: resampling both classes together, a wrong quantile, the standard deviation instead of an interval.
  it('is as wide as the exact standard error of AUROC for uniform scores says', () => {
    const rows = 400;
    const [a, b] = [1, 2].map((stream) => Array.from({ length: rows }, (_, i) => uniform(i, stream)));
    const { low, high } = detectionWithIntervals(a!, b!, { ...options, resamples: 1000 }).auroc;
    const exact = Math.sqrt((2 * rows + 1) / (12 * rows * rows)); // Mann–Whitney without ties, equal distributions
    expect((high - low) / (2 * 1.96 * exact)).toBeGreaterThan(0.88);
    expect((high - low) / (2 * 1.96 * exact)).toBeLessThan(1.12);
  });

  it('has no width where the classes do not overlap, and is the same for the same seed', () => {
    expect(detectionWithIntervals([0, 1], [2, 3], options)).toEqual({
      auroc: { value: 1, low: 1, high: 1 },
      aupr: { value: 1, low: 1, high: 1 },
      fpr95: { value: 0, low: 0, high: 0 },
    });
    expect(detectionWithIntervals(negatives, positives, options)).toEqual(detectionWithIntervals(negatives, positives, options));
    expect(() => detectionWithIntervals([], [1], options)).toThrow('0 negatives and 1 positives');
  });
});
