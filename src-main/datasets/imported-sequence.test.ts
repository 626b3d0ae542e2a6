import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TableImport, type ColumnUse } from '../contract/table';
import { loadDataset } from './load';
import { importedTable } from './table';
import { importTable } from './table-import';

let folder: string;
const steps = 60;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credence-sequence-'));
  const lines = Array.from({ length: steps }, (_, t) => `2026-01-${t},${100 + t},${t}`);
  await writeFile(join(folder, 'series.csv'), ['day,load,price', ...lines].join('\n'));
});
afterAll(() => rm(folder, { recursive: true }));

const request = (changes: object = {}) =>
  TableImport.parse({
    title: 'Prices',
    file: 'file-0000',
    task: 'regression',
    uses: ['ignore', 'number', 'target'] satisfies ColumnUse[],
    sequence: { window: 4, horizon: 3 },
    ...changes,
  });
const take = (changes?: object) => importTable('prices', request(changes), join(folder, 'series.csv'), folder);

describe('a table of steps in time', () => {
  it('becomes windows of its features and of the past of its target; test targets come last and are in no training row', async () => {
    const row = await take();
    const kind = importedTable(row);
    expect(kind.inputShape).toEqual([4, 2]);
    expect(kind.target.name).toBe('price, 3 steps ahead');
    const { train, test } = await kind.load({ folder }, kind.settings.parse({ testShare: 0.25 }));
    // Steps 0–3 foretell step 6; 45 of 60 steps are training.
    expect([...train.x.slice(0, 8), train.y[0]]).toEqual([100, 0, 101, 1, 102, 2, 103, 3, 6]);
    expect([train.y.at(-1), test.y[0], test.y.at(-1)]).toEqual([44, 45, 59]);
    expect([...test.x.slice(0, 8)]).toEqual([139, 39, 140, 40, 141, 41, 142, 42]);
    const stored = await kind.stored(folder);
    const usual = await kind.load({ folder }, kind.settings.parse({}));
    expect(stored!.rows).toEqual({ train: usual.train.rows, test: usual.test.rows });
  });
  it('is standardised by its training rows, and needs no feature but its own past', async () => {
    const row = await take({ uses: ['ignore', 'ignore', 'target'] });
    const { train, test, inputShape, scaling } = await loadDataset(
      { id: 'prices', settings: {} },
      { folder, imported: [{ ...row, id: 'prices' as typeof row.id }], validationFraction: 0, seed: 1 },
    );
    expect(inputShape).toEqual([4, 1]);
    const mean = [...train.y].reduce((a, b) => a + b, 0) / train.rows;
    expect(mean).toBeCloseTo(0, 5);
    expect(test.y[0]! * scaling.ySd + scaling.yMean).toBeCloseTo(48, 4);
  });
  it('leaves category codes as they are at every step, for an embedding', async () => {
    const row = await take({ uses: ['ignore', 'codes', 'target'] });
    const { train } = await loadDataset(
      { id: 'prices', settings: {} },
      { folder, imported: [{ ...row, id: 'prices' as typeof row.id }], validationFraction: 0, seed: 1 },
    );
    expect([0, 2, 4, 6].map((i) => train.x[i])).toEqual([0, 1, 2, 3]);
    expect(train.x[1]).toBeLessThan(-1);
  });
  it.each([
    [{ task: 'classification' }, 'A sequence foretells a number'],
    [{ missing: 'drop' }, 'would tear gaps into the sequence'],
    [{ sequence: { window: 30, horizon: 1 } }, 'has 60 steps, and a window of 30 with a horizon of 1 needs at least 155'],
  ])('refuses %o', (changes, message) => expect(take(changes)).rejects.toThrow(message));
});
