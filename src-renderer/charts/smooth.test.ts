import { expect, it } from 'vitest';
import type { Figure } from './figure';
import { movingAverage, smooth } from './smooth';

it('averages without bias at the start: a constant stays itself', () => {
  for (const value of movingAverage([3, 3, 3, 3], 0.95)) expect(value).toBeCloseTo(3, 12);
});

it('weighs the past by powers of the weight, and keeps gaps', () => {
  const [first, second, gap, fourth] = movingAverage([1, 4, NaN, 0], 0.5);
  expect([first, second, gap]).toEqual([1, (0.5 * 1 + 4) / 1.5, NaN]);
  expect(fourth).toBeCloseTo((0.25 * 1 + 0.5 * 4 + 0) / 1.75, 12);
});

it('keeps the raw line faintly behind, and touches only noisy lines', () => {
  const figure: Figure = {
    x: { label: 'x' },
    y: { label: 'y' },
    marks: [
      { type: 'line', role: 'nll', name: 'NLL', x: [0, 1], y: [0, 2], noisy: true },
      { type: 'line', role: 'kl', name: 'KL', x: [0, 1], y: [1, 1] },
    ],
  };
  const [raw, smoothed, other] = smooth(figure, 0.5).marks;
  expect(raw).toEqual({ type: 'line', role: 'nll', x: [0, 1], y: [0, 2], faint: true });
  expect(smoothed).toMatchObject({ name: 'NLL', y: Float64Array.of(0, 4 / 3) });
  expect(other).toBe(figure.marks[1]);
  expect(smooth(figure, 0)).toBe(figure);
});
