import { describe, expect, it } from 'vitest';
import { priorCurve } from './prior-curve';
import { priors } from './priors';
import type { PriorKind } from './prior';

describe.each(Object.entries<PriorKind>(priors))('%s', (id, kind) => {
  it('can be drawn: finite, symmetric, highest next to zero', () => {
    const { w, logDensity } = priorCurve(kind.build(kind.settings.parse({})));
    expect(logDensity.every(Number.isFinite)).toBe(true);
    expect(logDensity.map((_, i) => logDensity.at(-1 - i))).toEqual(logDensity);
    expect(Math.max(...logDensity)).toBe(logDensity[w.length / 2]);
    if (id !== 'flat') expect(logDensity[0]!).toBeLessThan(logDensity[w.length / 2]! - 1);
  });
});

it('spans 98 % of a Gaussian: 2.326 sd', () => {
  const { w } = priorCurve(priors.gaussian.build({ sd: 0.1 }));
  expect(w.at(-1)! / 0.1).toBeGreaterThan(2.326 * 0.95);
  expect(w.at(-1)! / 0.1).toBeLessThan(2.326 * 1.06);
});
