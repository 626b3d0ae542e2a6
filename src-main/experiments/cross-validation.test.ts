import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { candidatesOf, CrossValidationSpec, summarise, type Fit, type Refit, type Scores } from '../contract/cross-validation';
import type { ImportedTable } from '../contract/table';
import { loadDataset } from '../datasets/load';
import { splitTable } from '../datasets/table-split';
import { writeTableFolder } from '../datasets/table-folder';
import { openDevice } from '../engine/backends';
import { rememberPrograms } from '../engine/backends/program-store';
import { chooseCandidate, crossValidate, runOf, type CrossValidationContext } from './cross-validation';

const rows = 30;
const spec = CrossValidationSpec.parse({
  run: {
    dataset: { id: 'small', settings: { folds: 2 } },
    architecture: { layers: [{ kind: 'dense', settings: { units: 3 } }, { kind: 'output' }] },
    likelihood: { id: 'gaussian', settings: { noise: 'fixed' } },
    method: { id: 'map', settings: { optimiser: 'adam', learningRate: 0.05 } },
    training: { epochs: 20, batchSize: 0, seed: 4 },
  },
  grid: [
    { paths: ['method.settings.learningRate'], values: [1e-5, 0.05] },
    { paths: ['likelihood.settings.sd'], values: [5], targetUnits: true },
  ],
  draws: 3,
});

let folder: string;
let device: Awaited<ReturnType<typeof openDevice>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credence-cross-'));
  device = await openDevice('onnxruntime-cpu', { threads: 1, programs: rememberPrograms() });
});
afterAll(async () => {
  await device.close();
  await rm(folder, { recursive: true });
});

/** y = 20 x + noise; rows in `corrupted` hold garbage instead. */
async function store(id: string, corrupted: Iterable<number> = []): Promise<ImportedTable> {
  const x = Float32Array.from({ length: rows }, (_, i) => (i * 7) % 13);
  const y = x.map((value, i) => 20 * value + ((i * 31) % 11));
  for (const row of corrupted) [x[row], y[row]] = [-1e4, 1e6];
  const hash = await writeTableFolder(join(folder, id), { rows, x, y });
  return { kind: 'table', id: 'small', title: id, hash, task: 'regression', rows, features: ['x'], target: { name: 'y', unit: '' }, classes: [] };
}

async function run(row: ImportedTable, { splits = [1, 2], done = [] as Fit[], stopAfter = Infinity } = {}) {
  const fits: Fit[] = [];
  const fractions: number[] = [];
  const context: CrossValidationContext = {
    device,
    signal: new AbortController().signal,
    control: () => (fits.length >= stopAfter ? 'stop' : 'run'),
    load: ({ dataset, training: { validationFraction, seed } }) =>
      loadDataset(dataset, { folder: folder, imported: [{ ...row, id: 'small' }], validationFraction, seed }),
    report: (fraction) => void fractions.push(fraction),
    keep: (fit) => void fits.push({ ...fit, seconds: 0 }),
  };
  const outcome = await crossValidate(spec, splits, done, context);
  return { outcome, fits, fractions };
}

describe('crossValidate', () => {
  it('compares candidates on held-out rows, trains the best again, and goes on after a stop to the same numbers', async () => {
    const row = await store('small');
    const whole = await run(row);
    expect(whole.outcome).toBe('succeeded');
    expect(whole.fits.map(({ type, split, candidate }) => [type, split, candidate])).toEqual(
      [1, 2].flatMap((split) => [
        ['candidate', split, 0],
        ['candidate', split, 1],
        ['refit', split, 1], // the larger step learns more in twenty epochs
      ]),
    );
    expect(whole.fractions).toEqual(whole.fractions.toSorted((a, b) => a - b));
    expect(whole.fractions.at(-1)).toBe(1);
    const refit = whole.fits.at(-1) as Refit;
    expect(Object.keys(refit.test)).toEqual(['rmse', 'logLikelihood', 'logLikelihoodMoments', 'crps', 'picp', 'mpiw', 'calibrationError']);
    expect(refit.test['mpiw']).toBeCloseTo(2 * 1.959964 * 5, 4); // a noise level of 5 target units, in target units again
    expect(refit.test['logLikelihood']).toBeCloseTo(-0.5 * (refit.test['rmse']! / 5) ** 2 - Math.log(5) - 0.5 * Math.log(2 * Math.PI), 4);

    const begun = await run(row, { stopAfter: 2 });
    expect(begun).toMatchObject({ outcome: 'stopped', fits: whole.fits.slice(0, 2) });
    const rest = await run(row, { done: begun.fits });
    expect([...begun.fits, ...rest.fits]).toEqual(whole.fits); // mutation caught: a seed that depends on what was done before
    expect((await run(row, { splits: [2] })).fits).toEqual(whole.fits.filter(({ split }) => split === 2)); // and lanes may share the splits
  });

  it('never lets a test row touch the choice or the standardisation', async () => {
    const { test } = splitTable(rows, { split: 'folds', folds: 2, fold: 1, foldSeed: 1 });
    const clean = await run(await store('small'), { splits: [1] });
    const row = await store('small', test);
    const { fits } = await run(row, { splits: [1] });
    expect(fits.slice(0, 2)).toEqual(clean.fits.slice(0, 2)); // mutation caught: validation or scaling from all rows
    expect((fits[2] as Refit).train).toEqual((clean.fits[2] as Refit).train);
    expect((fits[2] as Refit).test).not.toEqual((clean.fits[2] as Refit).test);
  });
});

describe('the parts of a cross-validation', () => {
  it('has every combination of the grid, the last axis fastest', () => {
    const grid = [2, 3].map((count, axis) => ({ paths: [`method.settings.a${axis}`], values: Array.from({ length: count }, (_, i) => i), targetUnits: false }));
    expect(candidatesOf({ grid })).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 0],
      [1, 1],
      [1, 2],
    ]);
    expect(candidatesOf({ grid: [] })).toEqual([[]]);
  });

  it('sets values at their places, those in target units divided by their sd', () => {
    const document = runOf(spec, 2, [0.5, 8], 0.2, 4);
    expect(document.method.settings['learningRate']).toBe(0.5);
    expect(document.likelihood.settings).toEqual({ noise: 'fixed', sd: 2 });
    expect(document.dataset.settings).toEqual({ folds: 2, fold: 2 });
    expect(document.training).toMatchObject({ seed: 5, validationFraction: 0.2, epochs: 20, validateEvery: 20 });
    expect(() => runOf({ ...spec, grid: [{ paths: ['training.epochs'], values: [0.5], targetUnits: false }] }, 1, [0.5], 0, 1)).toThrow('epochs');
  });

  it('chooses by the criterion; what diverged is never chosen', () => {
    const fit = (candidate: number, validation: Scores): Fit => ({ type: 'candidate', split: 1, candidate, validation, seconds: 1 });
    const fits = [fit(2, { rmse: 1, logLikelihood: -3 }), fit(1, {}), fit(0, { rmse: 2, logLikelihood: -1 })];
    expect(chooseCandidate(fits, 1, 'log-likelihood')).toBe(0);
    expect(chooseCandidate(fits, 1, 'error')).toBe(2);
    expect(chooseCandidate([fit(1, {})], 1, 'error')).toBeNull();
    expect(chooseCandidate(fits, 2, 'error')).toBeNull();
  });

  it('summarises by mean and standard error over the splits that have a score', () => {
    const refits = [1, 2, 6, null].map((rmse, i): Refit => ({ type: 'refit', split: i + 1, candidate: 0, train: {}, test: { rmse }, seconds: 1 }));
    // mean 3, variance (4 + 1 + 9)/2 = 7, standard error √(7/3)
    expect(summarise(refits, 'test', 'rmse')).toEqual({ mean: 3, se: Math.sqrt(7 / 3), splits: 3 });
    expect(summarise(refits, 'train', 'rmse')).toBeNull();
  });
});
