import { describe, expect, it } from 'vitest';
import { hostUniforms } from '../numerics/host-random';
import { ece, reliability } from './calibration';
import { nll, predictedClasses } from './classification';
import { histogramBinning, interpolate, isotonicFit, isotonicRegression, recalibrators, temperatureScaling } from './recalibration';

/** Rows whose labels are drawn from softmax(logits), reported as softmax(sharpness · logits): the right temperature is `sharpness`. */
function overconfident(rows: number, classes: number, sharpness: number, seed: number) {
  const random = hostUniforms(seed, 0, 'calibration');
  const softmax = (z: number[]) => {
    const e = z.map(Math.exp);
    const sum = e.reduce((a, b) => a + b);
    return e.map((v) => v / sum);
  };
  const reported: number[] = [];
  const labels = Array.from({ length: rows }, () => {
    const logits = Array.from({ length: classes }, () => 4 * random() - 2);
    reported.push(...softmax(logits.map((z) => sharpness * z)));
    let u = random();
    return Math.min(
      classes - 1,
      softmax(logits).findIndex((p) => (u -= p) < 0),
    );
  });
  return { probabilities: reported, labels };
}

describe('temperature scaling', () => {
  it.each([0.5, 1, 2.5])('finds the temperature %s that made the probabilities', (sharpness) => {
    const { probabilities, labels } = overconfident(8000, 3, sharpness, 7);
    expect(temperatureScaling(probabilities, 3, labels).temperature! / sharpness).toBeCloseTo(1, 1);
  });

  it('has the least NLL of all temperatures, and keeps every arg-max', () => {
    const { probabilities, labels } = overconfident(500, 3, 3, 8);
    const { map, temperature } = temperatureScaling(probabilities, 3, labels);
    const best = nll(map(probabilities), 3, labels);
    for (const factor of [0.9, 0.99, 1.01, 1.1]) {
      const power = 1 / (temperature! * factor);
      const other = Array.from({ length: 500 }, (_, r) => {
        const row = probabilities.slice(3 * r, 3 * r + 3).map((p) => p ** power);
        const sum = row.reduce((a, b) => a + b);
        return row.map((p) => p / sum);
      }).flat();
      expect(nll(other, 3, labels)).toBeGreaterThan(best);
    }
    expect(predictedClasses(map(probabilities), 3)).toEqual(predictedClasses(probabilities, 3));
  });

  it('is no change on probabilities that are right', () => {
    expect(temperatureScaling([0.75, 0.25, 0.75, 0.25, 0.75, 0.25, 0.75, 0.25], 2, [0, 0, 0, 1]).temperature).toBeCloseTo(1, 8);
  });
});

it('pools adjacent violators as worked by hand, with weights', () => {
  expect(isotonicFit([1, 3, 2, 4, 0])).toEqual([1, 2.25, 2.25, 2.25, 2.25]);
  expect(isotonicFit([0, 1, 0], [1, 1, 3])).toEqual([0, 0.25, 0.25]);
  expect(isotonicFit([1, 2, 3])).toEqual([1, 2, 3]);
});

it('interpolates between points and holds the ends', () => {
  const at = (x: number) => interpolate([0, 1, 3], [0, 2, 4], x);
  expect([-1, 0, 0.5, 1, 2, 3, 9].map(at)).toEqual([0, 0, 1, 2, 3, 4, 4]);
});

it('histogram binning gives each bin its own share of hits', () => {
  const scores = [0.1, 0.2, 0.3, 0.6, 0.7, 0.8];
  const probabilities = scores.flatMap((p) => [1 - p, p]);
  const { map } = histogramBinning(2)(probabilities, 2, [0, 0, 1, 0, 1, 1]);
  // Class 1: (1 + ½)/(3 + 1) below, (2 + ½)/4 above; class 0 is its complement, and the two already sum to 1.
  expect([...map(probabilities)].map((p) => p.toFixed(4))).toEqual(scores.flatMap((p) => (p < 0.5 ? ['0.6250', '0.3750'] : ['0.3750', '0.6250'])));
});

it('isotonic regression follows the data, monotone, one class against the rest', () => {
  const probabilities = [0.9, 0.1, 0.6, 0.4, 0.4, 0.6, 0.1, 0.9];
  const { map } = isotonicRegression(probabilities, 2, [0, 1, 0, 1]);
  // Class 1: scores .1 .4 .6 .9 have hits 0 1 0 1 → 0, ½, ½, 1; ends kept 1/10 away from 0 and 1.
  const expected = [0.1, 0.5, 0.5, 0.9];
  expect([...map(probabilities)].filter((_, i) => i % 2 === 1).map((p) => p.toFixed(4))).toEqual(expected.map((p) => p.toFixed(4)));
});

it.each(Object.entries(recalibrators))('%s repairs overconfidence on new rows', (_id, fit) => {
  const [held, test] = [overconfident(4000, 4, 3, 1), overconfident(4000, 4, 3, 2)];
  const fixed = fit(held.probabilities, 4, held.labels).map(test.probabilities);
  for (let row = 0; row < 4000; row++) expect(fixed.subarray(4 * row, 4 * row + 4).reduce((a, b) => a + b)).toBeCloseTo(1, 10);
  const error = (p: ArrayLike<number>) => ece(reliability(p, 4, test.labels));
  expect(error(test.probabilities)).toBeGreaterThan(0.15);
  expect(error(fixed)).toBeLessThan(0.04);
  expect(nll(fixed, 4, test.labels)).toBeLessThan(nll(test.probabilities, 4, test.labels) - 0.2);
});
