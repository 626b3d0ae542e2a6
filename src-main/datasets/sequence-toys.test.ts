import { describe, expect, it } from 'vitest';
import type { RawPart } from './dataset';
import { randomWalk, sineNoise, twoSines } from './sequence-toys';
import { slidingWindows } from './windows';

const context = { folder: '/nowhere' };
const rmse = (errors: readonly number[]) => Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
/** What repeating the last value makes of each row. */
const persistence = ({ rows, x, y }: RawPart) => Array.from({ length: rows }, (_, row) => y[row]! - x[row * 32 + 31]!);

describe('slidingWindows', () => {
  const series = [Float64Array.of(0, 1, 2, 3, 4, 5, 6), Float64Array.of(10, 11, 12, 13, 14, 15, 16)];

  it('takes channels at every step, and a target so many steps ahead', () => {
    const { rows, x, y } = slidingWindows(series, series[0]!, { window: 3, horizon: 2, stride: 1 });
    expect(rows).toBe(3);
    expect([...x.slice(0, 6)]).toEqual([0, 10, 1, 11, 2, 12]);
    expect([...y]).toEqual([4, 5, 6]);
  });
  it('lets rows stand apart by a stride, and refuses a series that is too short', () => {
    expect([...slidingWindows(series, series[1]!, { window: 2, horizon: 1, stride: 3 }).y]).toEqual([12, 15]);
    expect(() => slidingWindows(series, series[0]!, { window: 6, horizon: 2, stride: 1 })).toThrow(
      'has 7 steps, and a window of 6 with a horizon of 2 needs 8',
    );
  });
});

describe.each([twoSines, randomWalk])('$id', (kind) => {
  it('has 1,000 test rows that share no values, and is a pure function of its seed', async () => {
    const raw = await kind.load(context, { seed: 1 });
    expect([raw.train.rows, raw.test.rows, raw.test.x.length]).toEqual([10_000, 1000, 32_000]);
    expect((await kind.load(context, { seed: 1 })).hash).toBe(raw.hash);
    expect((await kind.load(context, { seed: 2 })).hash).not.toBe(raw.hash);
    expect(new Set([...raw.test.x.slice(0, 320), ...raw.test.y.slice(0, 10)]).size).toBe(330);
  });
});

it('two sines: persistence and the noise floor are what the description says', async () => {
  const { test } = await twoSines.load(context, { seed: 1 });
  // The best forecast knows the sines and the last step's noise. Standard error of an rmse over 1,000 rows: 2.2 %.
  const wave = (t: number) => Math.sin((2 * Math.PI * t) / 25) + 0.5 * Math.sin((2 * Math.PI * t) / 60);
  const best = Array.from({ length: test.rows }, (_, row) => {
    const t = row * 33 + 31;
    return test.y[row]! - wave(t + 1) - sineNoise.kept * (test.x[row * 32 + 31]! - wave(t));
  });
  expect(Math.abs(rmse(best) / sineNoise.sd - 1)).toBeLessThan(0.07);
  expect(rmse(persistence(test))).toBeCloseTo(0.21, 1.8);
});

it('random walk: steps of sd 1', async () => {
  const { test } = await randomWalk.load(context, { seed: 1 });
  expect(Math.abs(rmse(persistence(test)) - 1)).toBeLessThan(0.07);
});
