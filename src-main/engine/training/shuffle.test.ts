import { describe, expect, it } from 'vitest';
import { shuffleRows } from './shuffle';

const shuffled = (rows: number, seed: number, epoch: number) => {
  const order = new Uint32Array(rows);
  shuffleRows(order, seed, epoch);
  return [...order];
};

describe('shuffleRows', () => {
  it('is a permutation that depends on seed and epoch alone', () => {
    expect(shuffled(1000, 1, 0).toSorted((a, b) => a - b)).toEqual([...Array(1000).keys()]);
    expect(shuffled(1000, 1, 3)).toEqual(shuffled(1000, 1, 3));
    expect(shuffled(1000, 1, 3)).not.toEqual(shuffled(1000, 1, 4));
    expect(shuffled(1000, 1, 3)).not.toEqual(shuffled(1000, 2, 3));
    expect(shuffled(1, 1, 0)).toEqual([0]);
    expect(shuffled(0, 1, 0)).toEqual([]);
  });

  // Mutation caught: drawing j below `rows` instead of `i + 1` makes some of the 24 orders of 4 rows up to twice as likely.
  it('gives each of the 24 orders of four rows the same probability', () => {
    const counts = new Map<string, number>();
    const epochs = 24_000;
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = shuffled(4, 7, epoch).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const expected = epochs / 24;
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquared).toBeLessThan(49.7); // 99.9 % point at 23 degrees of freedom
  });
});
