import { describe, expect, it } from 'vitest';
import { Calibration, type CalibratedClasses, type CalibratedTargets } from '../contract/calibration';
import type { PreparedDataset } from '../datasets/dataset';
import { hostUniforms } from '../engine/numerics/host-random';
import { mixtureMoments } from '../engine/metrics/regression';
import type { Posterior } from '../engine/training/posterior';
import { calibration } from './calibration';
import { contextOf, pictures, refuse, twoClasses } from './testing';

const run = async (dataset: PreparedDataset, posterior: Posterior, settings: object = {}) =>
  Calibration.parse(await calibration.run(contextOf(dataset, posterior), calibration.settings.parse({ draws: 1, ...settings }))).runs[0]!;

/** Class b has the probability x₀ in truth; the posterior below is surer than that. */
function coins(rows: number, seed: number) {
  const random = hostUniforms(seed, 0, 'coins');
  const x = Float32Array.from({ length: 2 * rows }, () => 0.05 + 0.9 * random());
  return { rows, x, y: Int32Array.from({ length: rows }, (_, row) => (random() < x[2 * row]! ? 1 : 0)) };
}
const tooSure = twoClasses((x) => x[0]! ** 3 / (x[0]! ** 3 + (1 - x[0]!) ** 3)); // temperature 3
const dataset = pictures([], [], { validation: coins(1500, 1), test: coins(1500, 2) });

describe('calibration of a classifier', () => {
  it('finds the temperature on the validation rows and repairs the test rows with every map', async () => {
    const result = (await run(dataset, tooSure)) as CalibratedClasses;
    expect(result).toMatchObject({ rows: 1500, fitted: { part: 'validation', rows: 1500 } });
    expect(result.variants.map(({ id }) => id)).toEqual(['uncalibrated', 'temperature', 'histogram-binning', 'isotonic']);
    const [before, ...after] = result.variants;
    expect(after[0]!.temperature! / 3).toBeCloseTo(1, 0.5);
    expect(before!.ece).toBeGreaterThan(0.1);
    for (const { id, ece, ace, nll } of after) {
      expect(ece, id).toBeLessThan(0.05);
      expect(ace, id).toBeLessThan(before!.ace / 2);
      expect(nll, id).toBeLessThan(before!.nll);
    }
    expect(after[0]!.error).toBe(before!.error);
  });

  // Mutation caught: fitting on the rows that are measured.
  it('never measures a row that it was fitted on', async () => {
    const seen: number[][] = [];
    const watching: Posterior = { ...tooSure, classify: (x, rows, options) => (seen.push([...x]), tooSure.classify(x, rows, options)) };
    const result = await run(dataset, watching, { fitOn: 'half-of-test' });
    expect(result).toMatchObject({ rows: 750, fitted: { part: 'half-of-test', rows: 750 } });
    expect(seen).toEqual([[...dataset.test.x.subarray(0, 1500)], [...dataset.test.x.subarray(1500)]]);
  });

  it('says in one sentence what to do when nothing was held out', async () => {
    await expect(run({ ...dataset, validation: { rows: 0, x: new Float32Array(0), y: new Int32Array(0) } }, tooSure)).rejects.toThrow(
      "test held no rows out for validation, so there is nothing to fit on; choose 'half-of-test' under Fit on",
    );
  });
});

it('repairs the quantiles of a regression that claims half of the true spread', async () => {
  const random = hostUniforms(5, 0, 'targets');
  const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const targets = (rows: number) => ({ rows, x: new Float32Array(rows), y: Float32Array.from({ length: rows }, normal) });
  const posterior: Posterior = {
    count: () => 1,
    classify: refuse,
    inputGradient: refuse,
    close: async () => undefined,
    async regress(_x, rows) {
      const [drawMeans, drawSds] = [new Float32Array(rows), new Float32Array(rows).fill(0.5)];
      return { rows, draws: 1, drawMeans, drawSds, ...mixtureMoments(drawMeans, drawSds, rows) };
    },
  };
  const data = { ...pictures([], []), task: { kind: 'regression', outputs: 1 } as const, classes: [], validation: targets(1000), test: targets(1000) };
  const { variants } = (await run(data, posterior)) as CalibratedTargets;
  expect(variants[0]!.covered).toBeCloseTo(0.59, 1); // P(|z| < 1.645/2)
  expect(variants[0]!.calibrationError).toBeGreaterThan(0.05);
  expect(variants[1]!.covered).toBeCloseTo(0.9, 1);
  expect(variants[1]!.calibrationError).toBeLessThan(0.02);
});
