import { describe, expect, it } from 'vitest';
import { Evaluation, type ClassificationEvaluation, type RegressionEvaluation } from '../contract/experiment';
import type { PreparedDataset } from '../datasets/dataset';
import type { Posterior } from '../engine/training/posterior';
import { evaluate } from './evaluate';
import type { ExperimentContext, TrainedRun } from './experiment';

const refuse = () => Promise.reject(new Error('not asked for in this test'));
const nothing = { rows: 0, x: new Float32Array(0), y: new Int32Array(0) };

async function run(dataset: PreparedDataset, posterior: Partial<Posterior>, images = 2, changes: Partial<TrainedRun> = {}): Promise<Evaluation> {
  const context: ExperimentContext = {
    runs: [
      {
        id: 'run-test',
        name: 'test',
        dataset,
        posterior: { count: (requested) => requested, classify: refuse, regress: refuse, inputGradient: refuse, close: async () => undefined, ...posterior },
        weights: {
          count: (requested) => requested,
          moments: refuse,
          draw: refuse,
          masked: () => {
            throw new Error('not asked for in this test');
          },
        },
        precision: { threads: 1, classify: refuse, regress: refuse },
        ...changes,
      },
    ],
    signal: new AbortController().signal,
    report: () => undefined,
    loadDataset: refuse,
  };
  return Evaluation.parse(await evaluate.run(context, evaluate.settings.parse({ draws: 2, images })));
}

const base = {
  id: 'hand',
  title: 'By hand',
  inputShape: [1, 2, 1],
  imageShape: [1, 2],
  classes: ['a', 'b'],
  target: { name: 'length', unit: 'm' },
  train: nothing,
  validation: nothing,
  scaling: { xMean: [0], xSd: [1], yMean: 0, ySd: 1 },
  hash: '',
  exactPredictive: null,
} as const;

describe('evaluate, of classes', () => {
  // Three images; two draws that disagree on the second, and agree on being unsure of the third.
  const draws = [
    [
      [0.9, 0.1],
      [1, 0],
      [0.5, 0.5],
    ],
    [
      [0.9, 0.1],
      [0, 1],
      [0.5, 0.5],
    ],
  ];
  const labels = Int32Array.of(0, 1, 1);
  const h = -0.9 * Math.log(0.9) - 0.1 * Math.log(0.1);
  const dataset: PreparedDataset = {
    ...base,
    task: { kind: 'classification', outputs: 2 },
    test: { rows: 3, x: new Float32Array(6), y: labels },
    raw: { train: { ...nothing, x: new Uint8Array(0) }, test: { rows: 3, x: Uint8Array.of(0, 1, 2, 3, 4, 255), y: labels } },
  };
  const posterior: Partial<Posterior> = {
    classify: async (_x, rows, options) => {
      expect([rows, options.draws]).toEqual([3, 2]);
      return {
        rows,
        classes: 2,
        draws: 2,
        probabilities: Float64Array.from([0, 1, 2].flatMap((row) => [0, 1].map((c) => (draws[0]![row]![c]! + draws[1]![row]![c]!) / 2))),
        votes: Uint16Array.of(2, 0, 1, 1, 2, 0),
        total: Float64Array.of(h, Math.LN2, Math.LN2),
        aleatoric: Float64Array.of(h, 0, Math.LN2),
        epistemic: Float64Array.of(0, Math.LN2, 0),
      };
    },
  };
  const result = async () => (await run(dataset, posterior)) as ClassificationEvaluation;

  it('counts errors, and scores the mean of the draws', async () => {
    const { errors, error, nll, nllSum, brier, confusion, rows, draws } = await result();
    expect([rows, draws]).toEqual([3, 2]);
    expect([errors, error]).toEqual([2, 2 / 3]); // ties go to the first class, which is wrong twice
    expect(confusion).toEqual([
      [1, 0],
      [2, 0],
    ]);
    expect(nllSum).toBeCloseTo(-Math.log(0.9) - 2 * Math.log(0.5), 12);
    expect(nll).toBeCloseTo(nllSum / 3, 12);
    expect(brier).toBeCloseTo((0.02 + 0.5 + 0.5) / 3, 12);
  });

  it('says what a Laplace approximation makes of the evidence, under the precision in use', async () => {
    expect((await result()).evidence).toBeUndefined();
    const priorPrecision = { current: 3, logEvidence: (precision: number) => -100 * precision, use: () => undefined };
    expect((await run(dataset, posterior, 2, { priorPrecision })).evidence).toEqual({ logMarginalLikelihood: -300, precision: 3 });
  });

  it('tells disagreement from noise, and shows the most uncertain images first with their own pixels', async () => {
    const { images, uncertainty, histogram, perRow } = await result();
    expect(images.map(({ row }) => row)).toEqual([1, 2]);
    expect(images[0]).toMatchObject({ label: 1, pixels: [2, 3], probabilities: [0.5, 0.5], votes: [1, 1], uncertainty: { aleatoric: 0, epistemic: Math.LN2 } });
    expect(images[1]).toMatchObject({ pixels: [4, 255], votes: [2, 0], uncertainty: { aleatoric: Math.LN2, epistemic: 0 } });
    expect(uncertainty.mean.epistemic).toBeCloseTo(Math.LN2 / 3, 12);
    expect(uncertainty.meanOfErrors).toEqual({ total: Math.LN2, aleatoric: Math.LN2 / 2, epistemic: Math.LN2 / 2 });
    expect(histogram.edges.at(-1)).toBeCloseTo(Math.LN2, 12);
    for (const part of ['total', 'aleatoric', 'epistemic'] as const) expect(histogram[part].reduce((a, b) => a + b)).toBe(3);
    expect([histogram.epistemic[0], histogram.epistemic.at(-1)]).toEqual([2, 1]);
    expect(perRow.predicted).toEqual([0, 0, 0]);
  });
});

describe('evaluate, of targets', () => {
  // Raw target y = 4 m + 2 m·(standardised): one test row, two draws N(0, 1) and N(2, 1) against y = 1 in standardised units.
  const dataset: PreparedDataset = {
    ...base,
    inputShape: [1],
    imageShape: null,
    task: { kind: 'regression', outputs: 1 },
    scaling: { xMean: [10], xSd: [5], yMean: 4, ySd: 2 },
    test: { rows: 1, x: Float32Array.of(0), y: Float32Array.of(1) },
    raw: { train: { rows: 2, x: Float32Array.of(7, 13), y: Float32Array.of(4, 4) }, test: { rows: 1, x: Float32Array.of(10), y: Float32Array.of(6) } },
    exactPredictive: (x) => ({ mean: x.map((value) => 2 * value), total: x.map(() => 3), epistemic: x.map(() => 1) }),
  };
  /** Draws N(x, 1) and N(x + 2, 1) at every standardised x. */
  const posterior: Partial<Posterior> = {
    regress: async (x, rows) => ({
      rows,
      draws: 2,
      mean: Float64Array.from(x, (value) => value + 1),
      aleatoric: new Float64Array(rows).fill(1),
      epistemic: new Float64Array(rows).fill(1),
      total: new Float64Array(rows).fill(Math.SQRT2),
      drawMeans: Float32Array.from([...x, ...x.map((value) => value + 2)]),
      drawSds: new Float32Array(2 * rows).fill(1),
    }),
  };

  // Mutations caught: a missing factor ySd, a missing log ySd, a mixture scored as one Gaussian.
  it('scores in target units', async () => {
    const { rmse, nll, nllMomentMatched, uncertainty } = (await run(dataset, posterior)) as RegressionEvaluation;
    expect(rmse).toBe(0);
    expect(nll).toBeCloseTo(0.5 * Math.log(2 * Math.PI) + 0.5 + Math.log(2), 12); // both draws are one sd away
    expect(nllMomentMatched).toBeCloseTo(0.5 * Math.log(2 * Math.PI * 2) + Math.log(2), 12);
    expect(uncertainty.mean).toEqual({ total: 2 * Math.SQRT2, aleatoric: 2, epistemic: 2 });
  });

  it.each([
    [1, 1],
    [3, 1], // Φ(3) and Φ(1): mean 0.92
    [3.5, 0], // Φ(3.5) and Φ(1.5): mean 0.966
    [-1.5, 0],
  ])('covers a target of %f in %f of its 90 %% intervals', async (y, share) => {
    const { coverage } = (await run({ ...dataset, test: { ...dataset.test, y: Float32Array.of(y) } }, posterior)) as RegressionEvaluation;
    expect(coverage).toBe(share);
  });

  it('draws the bands a third beyond the data, in raw units, beside the exact answer', async () => {
    const { bands } = (await run(dataset, posterior)) as RegressionEvaluation;
    expect([bands!.x.length, bands!.x[0], bands!.x.at(-1)]).toEqual([200, 5, 15]);
    expect(bands!.mean[0]).toBeCloseTo(4 + 2 * (-1 + 1), 6); // x = 5 is −1 standardised
    expect(bands!.mean.at(-1)).toBeCloseTo(4 + 2 * (1 + 1), 6);
    expect(bands!.epistemic[17]).toBe(2);
    expect(bands!.exact!.mean[0]).toBe(10);
    expect([bands!.train, bands!.test]).toEqual([
      { x: [7, 13], y: [4, 4] },
      { x: [10], y: [6] },
    ]);
  });
});
