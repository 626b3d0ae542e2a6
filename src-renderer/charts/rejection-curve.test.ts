import { expect, it } from 'vitest';
import { errorOfKept } from './rejection-curve';

it('counts the errors among the most certain rows', () => {
  // 40 rows; the 10 most uncertain are the wrong ones.
  const uncertainty = Array.from({ length: 40 }, (_, i) => (i * 17) % 40);
  const rows = { label: uncertainty.map(() => 0), predicted: uncertainty.map((u) => (u >= 30 ? 1 : 0)), total: uncertainty, epistemic: uncertainty };
  const { x, y } = errorOfKept(rows, uncertainty);
  expect([x[0], x.at(-1)]).toEqual([50, 100]);
  expect(y[10]).toBe(0); // 30 rows kept, all right
  expect(y[11]).toBeCloseTo(100 / 31, 10);
  expect(y.at(-1)).toBe(25);
});
