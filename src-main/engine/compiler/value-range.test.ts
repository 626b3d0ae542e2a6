import { describe, expect, it } from 'vitest';
import { MagnitudeHistogram, stepOf, toIntegers } from './value-range';

const seen = (...parts: readonly (readonly number[])[]) => {
  const histogram = new MagnitudeHistogram();
  for (const part of parts) histogram.add(part);
  return histogram;
};
/** 10,000 values even on (0, 1), and one of 100. */
const withOutlier = [...Array.from({ length: 10_000 }, (_, i) => (i + 0.5) / 10_000), 100];

describe('the range of values', () => {
  it('covers the largest magnitude, whichever part it came with', () => {
    expect(seen([0, 0], [1, -3], [2]).grid({ by: 'max-abs' })).toEqual({ step: Math.fround(3 / 127), zero: 128 });
    expect(seen([1, 0.5], [4]).grid({ by: 'max-abs' })).toEqual({ step: Math.fround(4 / 254), zero: 0 }); // never negative: twice as fine
    expect(seen([0, 0]).grid({ by: 'max-abs' }).step).toBe(1);
  });

  it('leaves out the share that a percentile says', () => {
    // In 2,048 bins of at most 2 · 100 / 2,048 each.
    expect(seen(withOutlier).limit({ by: 'percentile', percentile: 99.9 })).toBeCloseTo(1, 0);
    expect(seen(withOutlier.toReversed()).limit({ by: 'percentile', percentile: 100 })).toBe(100);
  });

  it('clips where that costs less than coarse rounding of everything else', () => {
    const error = (limit: number) => {
      const step = stepOf(limit, 254);
      return withOutlier.reduce((sum, value) => sum + (Math.min(254, Math.round(value / step)) * step - value) ** 2, 0);
    };
    // One value of 100 is dearer than ten thousand roundings: the minimum is where both meet, above its largest neighbour.
    const limit = seen(withOutlier).limit({ by: 'mse' });
    expect(error(limit)).toBeLessThanOrEqual(Math.min(error(0.97 * limit), error(1.03 * limit)) * 1.02);
  });

  it('rounds to even and clips, as ONNX does', () => {
    expect([...toIntegers([0.5, 1.5, -0.5, -2.5, 0.49, 300, -300], 1)]).toEqual([0, 2, 0, -2, 0, 127, -127]);
  });
});
