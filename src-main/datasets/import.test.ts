import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IdxImport } from '../contract/dataset';
import { idxHeader } from './idx';
import { importIdx, previewImport } from './import';
import { deleteDataset, listDatasets } from './library';
import { loadDataset } from './load';

let folder: string;
const files: Record<string, string> = {};
const put = async (id: string, bytes: Uint8Array) => {
  files[id] = join(folder, id);
  await writeFile(files[id], bytes);
};
const images = (rows: number, height = 2, width = 3) =>
  Buffer.concat([idxHeader([rows, height, width]), Uint8Array.from({ length: rows * height * width }, (_, i) => (i * 10) % 256)]);
const labels = (values: readonly number[]) => Buffer.concat([idxHeader([values.length]), Uint8Array.from(values)]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credence-import-'));
  await put('file-images', gzipSync(images(14)));
  await put('file-labels', labels([0, 1, 2, 0, 1, 2, 0, 0, 0, 0, 0, 0, 1, 2]));
  await put('file-images2', images(4));
  await put('file-labels2', labels([0, 1, 2, 2]));
});
afterAll(() => rm(folder, { recursive: true }));

const request = (changes: object = {}) => IdxImport.parse({ title: 'Mine', trainImages: 'file-images', trainLabels: 'file-labels', ...changes });
const withTest = { testImages: 'file-images2', testLabels: 'file-labels2' };
const failure = (changes: object) =>
  previewImport(request(changes), files).then(
    () => 'accepted',
    (error: { code: string; message: string }) => `${error.code} ${error.message}`,
  );

describe('previewImport', () => {
  it('shows the first images, the classes and the statistics of the training rows', async () => {
    const preview = await previewImport(request(withTest), files);
    expect(preview).toMatchObject({ rows: 14, imageShape: [2, 3], labels: [0, 1, 2, 0, 1, 2, 0, 0, 0, 0, 0, 0, 1, 2], points: null });
    expect(preview.histogram).toEqual([
      { label: '0', count: 8 },
      { label: '1', count: 3 },
      { label: '2', count: 3 },
    ]);
    expect([...preview.pixels!.subarray(0, 4)]).toEqual([0, 10, 20, 30]);
    const values = Array.from({ length: 84 }, (_, i) => ((i * 10) % 256) / 255);
    const mean = values.reduce((a, b) => a + b) / 84;
    expect(preview.statistics!.mean).toBeCloseTo(mean, 12);
    expect(preview.statistics!.sd).toBeCloseTo(Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 84), 12);
  });

  it.each([
    [
      'fewer labels than images',
      { trainLabels: 'file-labels2' },
      /^invalid-file training images and training labels do not belong together: 14 images, 4 labels/,
    ],
    [
      'swapped files',
      { trainImages: 'file-labels', trainLabels: 'file-images' },
      /expected images \[rows × height × width\], got \[14\]; were images and labels swapped/,
    ],
    ['labels that are images', { trainLabels: 'file-images' }, /expected labels \[rows\], got \[14 × 2 × 3\]/],
    ['test images without labels', { testImages: 'file-images2' }, /belong together/],
    ['an upload that is gone', { trainImages: 'file-gone' }, /^not-found The upload of the training images is gone/],
  ])('refuses %s', async (_, changes, message) => {
    expect(await failure(changes)).toMatch(message);
  });

  it('refuses test images of another size, test labels of unknown classes, one class, and too few rows', async () => {
    await put('file-large', images(4, 3, 3));
    await put('file-strange', labels([0, 1, 2, 7]));
    await put('file-zeros', labels(new Array<number>(14).fill(0)));
    await put('file-brief', labels([0, 1]));
    await put('file-pair', images(2));
    expect(await failure({ ...withTest, testImages: 'file-large' })).toMatch(/Training images are 2 × 3, test images 3 × 3 pixels/);
    expect(await failure({ ...withTest, testLabels: 'file-strange' })).toMatch(/The test labels contain 7, but the training labels go only to 2/);
    await put('file-sorted', labels([0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2]));
    expect(await failure({ trainLabels: 'file-sorted' })).toMatch(
      /set aside for test, contains the label 2, which the other rows lack: they are sorted by label/,
    );
    expect(await failure({ trainLabels: 'file-zeros' })).toMatch(/at least two classes/);
    expect(await failure({ trainImages: 'file-pair', trainLabels: 'file-brief' })).toMatch(/2 training images are too few/);
  });
});

describe('importIdx', () => {
  it('stores the files as a dataset that trains, lists and is deleted like any other', async () => {
    const imported = await importIdx('import-1', request({ ...withTest, normalisation: 'unit' }), files, { folder });
    expect(imported).toMatchObject({
      id: 'import-1',
      title: 'Mine',
      rows: { train: 14, test: 4 },
      imageShape: [2, 3],
      classes: ['0', '1', '2'],
      normalisation: 'unit',
    });
    const options = { folder, imported: [imported], validationFraction: 0, seed: 1 };
    const dataset = await loadDataset({ id: 'import-1', settings: {} }, options);
    expect(dataset.task).toEqual({ kind: 'classification', outputs: 3 });
    expect(dataset.inputShape).toEqual([2, 3, 1]);
    expect(dataset.train.x[1]).toBe(Math.fround(10 / 255));
    expect([...dataset.test.y]).toEqual([0, 1, 2, 2]);
    expect(dataset.hash).toBe(imported.hash);

    expect((await listDatasets(folder, [imported])).at(-1)).toMatchObject({
      id: 'import-1',
      source: 'import',
      state: 'ready',
      bytes: 18 * 7,
      hash: imported.hash,
    });
    await expect(loadDataset({ id: 'import-1', settings: {} }, { ...options, imported: [{ ...imported, hash: '0' }] })).rejects.toMatchObject({
      code: 'dataset-changed',
    });
    await writeFile(join(folder, 'import-1', 'manifest.json'), '{');
    expect((await listDatasets(folder, [imported])).at(-1)).toMatchObject({ state: 'failed', error: { code: 'dataset-changed' } });
    await deleteDataset('import-1', folder);
    expect((await listDatasets(folder, [imported])).at(-1)).toMatchObject({ state: 'failed', error: { code: 'not-found' } });
  });

  it('sets the last seventh aside for test where no test files are given', async () => {
    const imported = await importIdx('import-2', request(), files, { folder });
    expect(imported.rows).toEqual({ train: 12, test: 2 });
    const written = await readFile(join(folder, 'import-2', 'test-labels.idx'));
    expect([...written.subarray(-2)]).toEqual([1, 2]);
  });

  it('leaves nothing behind when the files are wrong', async () => {
    await expect(importIdx('import-3', request({ trainLabels: 'file-labels2' }), files, { folder })).rejects.toMatchObject({ code: 'invalid-file' });
    await expect(readFile(join(folder, 'import-3', 'manifest.json'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
