/** @file What is known after some of the draws of a prediction. */
import { describe, expect, it } from 'vitest';
import { entropy } from '../metrics/entropy';
import { philox } from '../numerics/philox';
import { ClassAccumulator } from './class-accumulator';
import { RegressionAccumulator } from './regression-accumulator';

const block = new Uint32Array(4);
const uniform = (i: number, seed = 1): number => (philox(block, i, 0, 0, 0, seed, 9), (block[0]! + 0.5) / 2 ** 32);
const [rows, classes] = [6, 3];
/** Random probabilities of each row by one draw; not alike for the classes, since an entropy at its maximum does not vary to first order. */
const probabilitiesOf = (draw: number, seed?: number): Float32Array => {
  const p = Float32Array.from({ length: rows * classes }, (_, i) => (1 + (i % classes)) * uniform(draw * rows * classes + i, seed) ** 2);
  return p.map((value, i) => value / (p[i - (i % classes)]! + p[i - (i % classes) + 1]! + p[i - (i % classes) + 2]!));
};
const classified = (draws: number, seed?: number) => {
  const accumulator = new ClassAccumulator(rows, classes, draws);
  for (let s = 0; s < draws; s++) accumulator.add(s, 0, rows, probabilitiesOf(s, seed));
  return accumulator.result();
};
const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1));

describe('ClassAccumulator', () => {
  it('knows after some draws what it would know of these alone', () => {
    const whole = new ClassAccumulator(rows, classes, 30);
    for (let s = 0; s < 12; s++) whole.add(s, 0, rows, probabilitiesOf(s));
    const [partial, alone] = [whole.result(12), classified(12)];
    for (const part of ['total', 'aleatoric', 'epistemic', 'probabilities'] as const)
      partial[part].forEach((value, i) => expect(value).toBeCloseTo(alone[part][i]!, 12));
    expect(partial.draws).toBe(12);
    expect(partial.standardError!.epistemic).toBeCloseTo(alone.standardError!.epistemic, 12);
  });

  // Mutations caught: groups that mix, a group left in its own estimate, rows for draws.
  it('gives the error of the mean entropy as the deviation of the draws’ means over √S', () => {
    const of = Array.from({ length: 15 }, (_, s) => mean(Array.from({ length: rows }, (_row, row) => entropy(probabilitiesOf(s), row * classes, classes))));
    expect(classified(15).standardError!.aleatoric).toBeCloseTo(deviation(of) / Math.sqrt(15), 10);
  });

  it('says how much total and epistemic uncertainty vary from one set of draws to another', () => {
    const seeds = Array.from({ length: 60 }, (_, seed) => classified(40, seed + 2));
    for (const part of ['total', 'epistemic'] as const) {
      const found = deviation(seeds.map((of) => mean(of[part])));
      const said = mean(seeds.map((of) => of.standardError![part]));
      expect(Math.abs(said / found - 1)).toBeLessThan(3 / Math.sqrt(2 * 59)); // the deviation of 60 values is known to 9 %
    }
  });

  it('has no error for a single draw', () => expect(classified(1).standardError).toBeUndefined());
});

it('RegressionAccumulator splits the variance of some draws, with errors over them', () => {
  const accumulator = new RegressionAccumulator(2, 50);
  const means = Array.from({ length: 30 }, (_, s) => uniform(s));
  means.forEach((value, s) => accumulator.add(s, 0, 2, { mean: Float32Array.of(value, 2 * value), sd: Float32Array.of(0.5, 0.5) }));
  const { draws, mean: centre, epistemic, aleatoric, standardError } = accumulator.result(30);
  expect(draws).toBe(30);
  expect(centre[0]).toBeCloseTo(mean(means), 6);
  expect(epistemic[1]).toBeCloseTo(2 * Math.sqrt(mean(means.map((value) => (value - mean(means)) ** 2))), 6);
  expect(aleatoric[0]).toBeCloseTo(0.5, 6);
  expect(standardError!.aleatoric).toBeCloseTo(0, 8);
  // σ of a uniform over its mean square deviation: sd(σ̂) = √((κ − 1)/4n) σ, κ = 1.8; mean over the rows of σ and 2σ.
  expect(standardError!.epistemic / (1.5 * Math.sqrt(0.8 / 4 / 30 / 12))).toBeGreaterThan(0.5);
  expect(standardError!.epistemic / (1.5 * Math.sqrt(0.8 / 4 / 30 / 12))).toBeLessThan(1.6);
});
