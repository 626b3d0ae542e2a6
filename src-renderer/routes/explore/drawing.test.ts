import { expect, it } from 'vitest';
import { centred } from './drawing';

/** A filled rectangle in a 280 × 280 drawing. */
const rectangle = (left: number, top: number, width: number, height: number) => ({
  width: 280,
  height: 280,
  ink: Float32Array.from({ length: 280 * 280 }, (_, i) => {
    const [x, y] = [i % 280, Math.floor(i / 280)];
    return x >= left && x < left + width && y >= top && y < top + height ? 1 : 0;
  }),
});
const box = (pixels: number[]) => {
  const lit = pixels.flatMap((value, i) => (value > 127 ? [[i % 28, Math.floor(i / 28)] as const] : []));
  const xs = lit.map(([x]) => x);
  const ys = lit.map(([, y]) => y);
  return [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
};

// Mutations caught: no scaling, no centring, axes exchanged.
it('fits the longer side into 20 pixels and centres the mass, wherever and however small it was drawn', () => {
  const here = centred(rectangle(10, 20, 40, 80), [28, 28]);
  const there = centred(rectangle(150, 100, 60, 120), [28, 28]);
  expect(box(here)).toEqual([9, 18, 4, 23]); // 10 wide, 20 high, in the middle
  expect(box(there)).toEqual(box(here));
});

it('keeps the ink’s amount and gives an empty image for an empty drawing', () => {
  const sum = centred(rectangle(100, 100, 50, 50), [28, 28]).reduce((a, b) => a + b, 0);
  expect(sum / 255).toBeCloseTo(400, -1);
  expect(centred(rectangle(0, 0, 0, 0), [28, 28])).toEqual(Array.from({ length: 784 }, () => 0));
});
