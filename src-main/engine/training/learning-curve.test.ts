import { expect, it } from 'vitest';
import { curveRows, epochMetrics, measureErrors } from './learning-curve';
import type { Posterior } from './posterior';

const refuse = () => Promise.reject(new Error('not asked for in this test'));
const posterior = (parts: Partial<Posterior>): Posterior => ({
  count: (requested) => requested,
  classify: refuse,
  regress: refuse,
  inputGradient: refuse,
  close: () => Promise.resolve(),
  ...parts,
});
const none = { rows: 0, x: new Float32Array(0), y: new Int32Array(0) };
const options = { draws: 2, seed: 1 };

it('measures error and NLL of classes, and nothing where there are no rows', async () => {
  const classify: Posterior['classify'] = (_x, rows) => {
    const empty = new Float64Array(rows);
    return Promise.resolve({
      rows,
      classes: 2,
      draws: 2,
      probabilities: Float64Array.of(0.75, 0.25, 0.75, 0.25),
      votes: new Uint16Array(4),
      total: empty,
      aleatoric: empty,
      epistemic: empty,
    });
  };
  const train = { rows: 2, x: new Float32Array(2), y: Int32Array.of(0, 1) };
  const values = await measureErrors(posterior({ classify }), 'classification', { train, validation: none }, 1, options);
  expect(values).toEqual({ trainError: 0.5, trainNll: (-Math.log(0.75) - Math.log(0.25)) / 2 });
  expect(epochMetrics('classification').map(({ id }) => id)).toEqual(expect.arrayContaining(Object.keys(values)));
});

// Mutations caught: a missing factor ySd, a missing log ySd.
it('measures RMSE and NLL of targets in their own units', async () => {
  const regress: Posterior['regress'] = (_x, rows) => {
    const of = (value: number) => new Float64Array(rows).fill(value);
    return Promise.resolve({
      rows,
      draws: 1,
      mean: of(0),
      total: of(1),
      aleatoric: of(1),
      epistemic: of(0),
      drawMeans: new Float32Array(rows),
      drawSds: new Float32Array(rows).fill(1),
    });
  };
  const validation = { rows: 1, x: new Float32Array(1), y: Float32Array.of(2) };
  const { validationRmse, validationNll } = await measureErrors(posterior({ regress }), 'regression', { train: none, validation }, 10, options);
  expect(validationRmse).toBe(20);
  expect(validationNll).toBeCloseTo(0.5 * Math.log(2 * Math.PI) + 2 + Math.log(10), 12);
});

it('takes its training rows from the whole part, which may be sorted', () => {
  const rows = 20_000;
  const y = Int32Array.from({ length: rows }, (_, i) => Math.floor(i / 2000)); // ten classes, one after the other
  const { train } = curveRows({ train: { rows, x: Float32Array.from({ length: 2 * rows }, (_, i) => i), y }, validation: none });
  expect(train.rows).toBe(5000);
  const counts = Array.from({ length: 10 }, (_, label) => train.y.filter((own) => own === label).length);
  expect(counts).toEqual(new Array(10).fill(500));
  expect([train.x[2], train.x[3]]).toEqual([8, 9]); // row 4, both columns
});
