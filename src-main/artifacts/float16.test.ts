import { expect, it } from 'vitest';
import { fromFloat16, toFloat16 } from './float16';

it('knows the values of every half', () => {
  const known: [half: number, value: number][] = [
    [0x0000, 0],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0x3c00, 1],
    [0x7bff, 65504],
    [0x7c00, Infinity],
    [0xc000, -2],
  ];
  expect([...fromFloat16(Uint16Array.from(known, ([half]) => half))]).toEqual(known.map(([, value]) => value));
  expect(fromFloat16(Uint16Array.of(0x7e00))[0]).toBeNaN();
  // Mutation caught: any wrong bias, shift or sign, for each of the 65,536 halves.
  const halves = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((half) => (half & 0x7fff) <= 0x7c00);
  expect(toFloat16(fromFloat16(halves))).toEqual(halves);
});

it('rounds to the nearest half, ties to even', () => {
  const rounded = (value: number) => fromFloat16(toFloat16(Float32Array.of(value)))[0];
  expect(rounded(1 + 2 ** -11)).toBe(1);
  expect(rounded(1 + 3 * 2 ** -11)).toBe(1 + 2 ** -9);
  expect(rounded(1 + 2 ** -11 + 2 ** -20)).toBe(1 + 2 ** -10);
  expect(rounded(2047.6)).toBe(2048); // the carry reaches the exponent
  expect(rounded(2 ** -25)).toBe(0);
  expect(rounded(-1.6 * 2 ** -24)).toBe(-(2 ** -23));
  expect([rounded(65520), rounded(65519), rounded(-1e9), rounded(NaN)]).toEqual([Infinity, 65504, -Infinity, NaN]);
});
