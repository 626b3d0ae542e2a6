import { describe, expect, it } from 'vitest';
import { Generator, seeded } from './generator';

describe('Generator', () => {
  it('gives the published sequence of xoshiro128** from the state 1, 2, 3, 4', () => {
    const generator = new Generator(1, 2, 3, 4);
    const published = [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804];
    expect(Array.from({ length: 10 }, () => generator.bits())).toEqual(published);
  });

  it('draws normals with the moments of N(3, 2²)', () => {
    const generator = seeded(1);
    const n = 100_000;
    const z = Array.from({ length: n }, () => (generator.normal(3, 2) - 3) / 2);
    const moment = (power: number) => z.reduce((sum, value) => sum + value ** power, 0) / n;
    // Standard errors: 1/√n = 0.0032, √(2/n) = 0.0045, √(15/n) = 0.012, √(96/n) = 0.031; allowed are four of them.
    expect(Math.abs(moment(1))).toBeLessThan(0.013);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.018);
    expect(Math.abs(moment(3))).toBeLessThan(0.049);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.124);
  });

  it('draws integers below n uniformly', () => {
    const generator = seeded(2);
    const counts = [0, 0, 0, 0, 0, 0, 0];
    for (let i = 0; i < 70_000; i++) counts[generator.below(7)]!++;
    const chiSquared = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquared).toBeLessThan(22.5); // 99.9 % quantile at 6 degrees of freedom
  });

  it('permutes all six orders of three with equal frequency', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 6000; seed++) {
      const order = seeded(seed).permutation(3).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['012', '021', '102', '120', '201', '210']);
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquared).toBeLessThan(20.5); // 99.9 % quantile at 5 degrees of freedom
  });

  it('gives each address its own stream', () => {
    const first = new Set<number>();
    for (let a = 0; a < 50; a++) for (let b = 0; b < 50; b++) first.add(seeded(a, b).bits());
    expect(first.size).toBe(2500); // a collision by chance: 0.07 %
    expect(seeded(3, 4).bits()).toBe(seeded(3, 4).bits());
  });
});
