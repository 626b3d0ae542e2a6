import { describe, expect, it } from 'vitest';
import { decimate, lowerBound } from './decimate';

const n = 100_000;
const x = Float64Array.from({ length: n }, (_, i) => i);
const wave = Float64Array.from(x, (i) => Math.sin(i / 500) + ((i * 7919) % 97) / 97);

describe('decimation', () => {
  it('keeps the lowest and highest value of every slice, in order, in at most four points a slice', () => {
    const columns = 600;
    const line = decimate(x, wave, 0, n - 1, columns);
    expect(line.x.length).toBeLessThanOrEqual(4 * (columns + 1));
    const width = (n - 1) / columns;
    for (let column = 0; column < columns; column++) {
      const inside = (values: ArrayLike<number>, xs: ArrayLike<number>) => Array.from(values).filter((_, i) => Math.floor(xs[i]! / width) === column);
      const all = Array.from(wave.subarray(Math.ceil(column * width), Math.ceil((column + 1) * width)));
      const kept = inside(line.y, line.x);
      expect([Math.min(...kept), Math.max(...kept)]).toEqual([Math.min(...all), Math.max(...all)]);
    }
    expect([...line.x].every((value, i) => i === 0 || value > line.x[i - 1]!)).toBe(true);
  });

  it('never loses a single spike', () => {
    const spiked = wave.slice();
    spiked[54_321] = 99;
    const line = decimate(x, spiked, 0, n - 1, 300);
    expect(Math.max(...line.y)).toBe(99);
  });

  it('keeps gaps', () => {
    const gapped = wave.slice();
    gapped.fill(NaN, 40_000, 50_000);
    const line = decimate(x, gapped, 0, n - 1, 300);
    expect(line.x.some((value, i) => value >= 40_000 && value < 50_000 && Number.isNaN(line.y[i]!))).toBe(true);
  });

  it('leaves short lines as they are and reaches one point beyond each end of a view', () => {
    const line = decimate([0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], 1.5, 3.5, 100);
    expect([...line.x]).toEqual([1, 2, 3, 4]);
  });

  it('finds the first index at or after a value', () => {
    expect([lowerBound([1, 2, 2, 5], 2), lowerBound([1, 2, 2, 5], 2, true), lowerBound([1, 2], 9), lowerBound([], 1)]).toEqual([1, 3, 2, 0]);
  });
});
