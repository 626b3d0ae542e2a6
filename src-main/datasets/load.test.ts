import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DatasetPreview, DatasetStatus } from '../contract/dataset';
import { datasets } from './index';
import { deleteDataset, listDatasets, prepareDataset } from './library';
import { loadDataset, type LoadOptions } from './load';
import { previewDataset } from './preview';
import { splitRows } from './split';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credence-load-'));
});
beforeEach(() => void vi.stubEnv('CREDENCE_DATA', ''));
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const small = { id: 'drawn-digits', settings: { size: 'small' } };
const toy = { id: 'toy-heteroscedastic', settings: {} };
const load = (component: typeof small | typeof toy | { id: string; settings: object }, changes: Partial<LoadOptions> = {}) =>
  loadDataset(component as typeof toy, { folder, imported: [], validationFraction: 0.1, seed: 1, ...changes });
const moments = (values: ArrayLike<number>) => {
  const all = Array.from(values);
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  return { mean, sd: Math.sqrt(all.reduce((sum, v) => sum + (v - mean) ** 2, 0) / all.length) };
};

describe('splitRows', () => {
  it('holds out exactly the share asked for, each row once, differently for each seed', () => {
    const { train, validation } = splitRows(1001, 0.25, 7);
    expect(validation.length).toBe(250);
    expect([...train, ...validation].sort((a, b) => a - b)).toEqual(Array.from({ length: 1001 }, (_, i) => i));
    expect(splitRows(1001, 0.25, 7).validation).toEqual(validation);
    expect(splitRows(1001, 0.25, 8).validation).not.toEqual(validation);
    expect(splitRows(10, 0, 7).validation.length).toBe(0);
  });

  it('holds out every row equally often', () => {
    const counts = new Array<number>(20).fill(0);
    for (let seed = 0; seed < 2000; seed++) splitRows(20, 0.25, seed).validation.forEach((row) => counts[row]!++);
    // Mean 500, variance 2000·¼·¾ per row; the counts sum to a constant, hence the factor 20/19.
    const chiSquared = counts.reduce((sum, count) => sum + (count - 500) ** 2, 0) / ((375 * 20) / 19);
    expect(chiSquared).toBeLessThan(43.8); // 99.9 % quantile at 19 degrees of freedom
  });
});

describe('loadDataset', () => {
  it('splits the training rows and keeps every image with its label', async () => {
    const { train, validation, test, raw, ...rest } = await load({ id: 'drawn-digits', settings: { size: 'small', normalisation: 'unit' } });
    expect([train.rows, validation.rows, test.rows]).toEqual([1800, 200, 500]);
    expect(rest).toMatchObject({ task: { kind: 'classification', outputs: 10 }, inputShape: [28, 28, 1], imageShape: [28, 28] });
    const rows = splitRows(2000, 0.1, 1).validation;
    for (const i of [0, 100, 199]) {
      expect(validation.y[i]).toBe(raw.train.y[rows[i]!]);
      const image = Array.from(raw.train.x.subarray(rows[i]! * 784, (rows[i]! + 1) * 784), (pixel) => Math.fround(pixel / 255));
      expect([...validation.x.subarray(i * 784, (i + 1) * 784)]).toEqual(image);
    }
  });

  it('normalises as asked: MNIST’s constants, or the statistics of the rows trained on', async () => {
    const { test, raw } = await load(small, { parts: ['test'] });
    const i = raw.test.x.findIndex((pixel) => pixel > 100);
    expect(test.x[0]).toBeCloseTo(-0.42421296, 7); // a black pixel of MNIST after Normalize(0.1307, 0.3081)
    expect(test.x[i]).toBeCloseTo((raw.test.x[i]! / 255 - 0.1307) / 0.3081, 6);
    const own = await load({ id: 'drawn-digits', settings: { size: 'small', normalisation: 'standardise' } }, { parts: ['train'] });
    const { mean, sd } = moments(own.train.x);
    expect(mean).toBeCloseTo(0, 5);
    expect(sd).toBeCloseTo(1, 5);
    expect(own.test.rows).toBe(0);
  });

  it('standardises regression by the training rows alone', async () => {
    const { train, validation, test, raw, scaling } = await load(toy);
    expect([train.rows, validation.rows, test.rows]).toEqual([225, 25, 150]);
    for (const values of [train.x, train.y]) {
      expect(moments(values).mean).toBeCloseTo(0, 5);
      expect(moments(values).sd).toBeCloseTo(1, 5);
    }
    expect(test.y[3]! * scaling.ySd + scaling.yMean).toBeCloseTo(raw.test.y[3]!, 5);
    expect(test.x[3]! * scaling.xSd[0]! + scaling.xMean[0]!).toBeCloseTo(raw.test.x[3]!, 5);
  });

  it('conditions the exact predictive on the rows that the model sees', async () => {
    const [few, all] = [await load(toy, { validationFraction: 0.5 }), await load(toy, { validationFraction: 0 })];
    const at = [-1, 0, 1];
    const [wide, narrow] = [few.exactPredictive!(at).epistemic, all.exactPredictive!(at).epistemic];
    at.forEach((_, i) => expect(wide[i]!).toBeGreaterThan(narrow[i]!));
  });

  it('scales data from elsewhere like the data a model was trained on', async () => {
    const scaling = { xMean: [10], xSd: [20], yMean: 0, ySd: 1 };
    const { test, raw } = await load({ id: 'drawn-glyphs', settings: { size: 'small' } }, { parts: ['test'], scaling });
    expect(test.x[400]).toBe(Math.fround((raw.test.x[400]! - 10) / 20));
  });

  it('says what cannot be trained on, and what is not known', async () => {
    await expect(load({ id: 'drawn-glyphs', settings: { size: 'small' } })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('out-of-distribution') as string,
    });
    await expect(load({ id: 'nothing', settings: {} })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('choose one of drawn-digits, mnist') as string,
    });
  });
});

describe('the registry', () => {
  it('lists every dataset as the contract says', async () => {
    const list = await listDatasets(folder, []);
    expect(list.map((status) => DatasetStatus.parse(status).id)).toEqual(Object.keys(datasets));
    expect(Object.fromEntries(list.map(({ id, state }) => [id, state]))).toMatchObject({
      'drawn-digits': 'ready',
      mnist: 'missing',
      'toy-homoscedastic': 'ready',
    });
  });

  it.each(Object.values(datasets))('$id is consistent with its card', (kind) => {
    expect(kind.settings.parse({})).toBeDefined();
    expect(kind.recommended.likelihood.id).toBe(kind.task === 'classification' ? 'categorical' : 'gaussian');
    expect(kind.classes.length > 0).toBe(kind.task === 'classification');
    expect((datasets as Record<string, unknown>)[kind.id]).toBe(kind);
  });

  it.each([small, { id: 'drawn-glyphs', settings: { size: 'small' } }, toy])('previews $id as the contract says', async (component) => {
    const preview = DatasetPreview.parse(await previewDataset(component as typeof toy, { folder, imported: [], part: 'test', offset: 5, rows: 7 }));
    if (component === toy) {
      expect(preview).toMatchObject({ rows: 150, pixels: null, labels: [], histogram: [], imageShape: null });
      expect(preview.points!.x.length).toBe(150);
    } else {
      expect(preview).toMatchObject({ rows: 500, imageShape: [28, 28], points: null });
      expect(preview.pixels!.length).toBe(7 * 784);
      expect(preview.labels.length).toBe(7);
      expect(preview.histogram.reduce((sum, { count }) => sum + count, 0)).toBe(500);
    }
  });

  it('previews the very rows asked for, and says of one that is not there', async () => {
    const request = { folder, imported: [], part: 'test' as const, offset: 0, rows: 60 };
    const whole = await previewDataset(small as typeof toy, request);
    const some = await previewDataset(small as typeof toy, { ...request, only: [7, 3] });
    expect(some.labels).toEqual([whole.labels[7], whole.labels[3]]);
    expect([...some.pixels!.subarray(784)]).toEqual([...whole.pixels!.subarray(3 * 784, 4 * 784)]);
    await expect(previewDataset(small as typeof toy, { ...request, only: [0, 500] })).rejects.toThrow('500 test rows; there is no row 500');
  });

  it('previews the validation rows that a run with the same seed holds out', async () => {
    const preview = await previewDataset(small as typeof toy, { folder, imported: [], part: 'validation', offset: 0, rows: 5 });
    const { validation } = await load(small);
    expect(preview.rows).toBe(200);
    expect(preview.labels).toEqual([...validation.y.subarray(0, 5)]);
  });

  it('deletes what it made, and nothing outside its folder', async () => {
    await load(small);
    await deleteDataset('drawn-digits', folder);
    const messages: string[] = [];
    await load(small, { report: (_, message) => void messages.push(message) });
    expect(messages.length).toBeGreaterThan(0);
    await expect(deleteDataset('../elsewhere', folder)).rejects.toThrow();
    await expect(prepareDataset('nothing', { folder })).rejects.toMatchObject({ code: 'not-found' });
  });
});
