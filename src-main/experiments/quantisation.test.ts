import { describe, expect, it } from 'vitest';
import { Quantised } from '../contract/quantisation';
import type { PrecisionPredictive } from '../engine/training/quantisation';
import { quantisation } from './quantisation';
import { contextOf, pictures, refuse, twoClasses } from './testing';

/** Rows of class b are 255; the integers see everything a tenth less sure, and the last row wrong. */
const dataset = pictures([0, 255, 255, 0], [0, 1], {
  train: { rows: 2, x: Float32Array.of(0, 0, 1, 1), y: Int32Array.of(0, 1) },
});
const float = twoClasses((x) => (x[1]! > 0.5 ? 0.9 : 0.2));
const integer = twoClasses((_x, draw) => (draw === 0 ? 0.1 : 0.3));

describe('quantisation', () => {
  it('measures the same rows and draws in both precisions, on ranges of training rows', async () => {
    const asked: (number | string)[] = [];
    const precision: PrecisionPredictive = {
      threads: 3,
      async classify(x, rows, options, integers) {
        asked.push(integers ? `${integers.rows} rows by ${integers.range.by}` : 'float');
        return {
          predictive: await (integers ? integer : float).classify(x, rows, options),
          cost: integers ? { bytes: 100, milliseconds: 2 } : { bytes: 400, milliseconds: 5 },
        };
      },
      regress: refuse,
    };
    const context = contextOf(dataset, float);
    const settings = quantisation.settings.parse({ draws: 2, range: 'mse' });
    const { runs } = Quantised.parse(await quantisation.run({ ...context, runs: [{ ...context.runs[0]!, precision }] }, settings));
    expect(asked).toEqual(['float', '2 rows by mse']);
    expect(runs[0]).toMatchObject({ rows: 2, draws: 2, calibrationRows: 2, threads: 3, bytes: [400, 100], milliseconds: [5, 2], agreement: 0.5 });
    const score = Object.fromEntries(runs[0]!.scores.map(({ name, values }) => [name, values]));
    // Row 0 has x₁ = 255: class b to the float network, which is wrong; row 1 has x₁ = 0 and is b: wrong too. The integers say a twice.
    expect(score['Error']).toEqual([100, 50]);
    expect(score['NLL']![0]).toBeCloseTo(-(Math.log(0.1) + Math.log(0.2)) / 2, 6);
    expect(score['Mutual information']![0]).toBeCloseTo(0, 9);
    expect(runs[0]!.epistemic.integer[0]).toBeCloseTo(score['Mutual information']![1], 9);
    expect(score['Mutual information']![1]).toBeGreaterThan(0.02);
  });
});
