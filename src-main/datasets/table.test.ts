import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TableImport } from '../contract/table';
import { parseDelimited } from './delimited-text';
import { datasets } from './index';
import { loadDataset } from './load';
import { asTable } from './read-table';
import { importedTable } from './table';
import { encodeTable, importTable, previewTable } from './table-import';
import { splitTable } from './table-split';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'credence-table-'))));
afterAll(() => rm(folder, { recursive: true }));

const request = (uses: TableImport['uses'], changes: Partial<TableImport> = {}): TableImport => ({
  title: 'Mine',
  file: 'file-0000' as TableImport['file'],
  task: 'regression',
  missing: 'refuse',
  unit: '',
  uses,
  ...changes,
});
const encode = (text: string, ...[uses, changes]: Parameters<typeof request>) => encodeTable(asTable(parseDelimited(text)), request(uses, changes));

describe('parseDelimited', () => {
  it.each([
    [
      'a,b\n1,2\n\n3,4',
      [
        ['a', 'b'],
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    [
      '\uFEFF"a, b";c\r\n1,5;-2,5e3\r\n',
      [
        ['a, b', 'c'],
        ['1.5', '-2.5e3'],
      ],
    ],
    [
      'a\tb\n"say ""hi""\nthere"\t2',
      [
        ['a', 'b'],
        ['say "hi"\nthere', '2'],
      ],
    ],
    [
      'a,b\n1,\n,2\n1,',
      [
        ['a', 'b'],
        ['1', ''],
        ['', '2'],
        ['1', ''],
      ],
    ],
    [
      ' 1  2.5\n 3   4\n',
      [
        ['1', '2.5'],
        ['3', '4'],
      ],
    ],
  ])('reads %j', (text, cells) => expect(parseDelimited(text)).toEqual(cells));

  it('names the line of a quote that is never closed', () => expect(() => parseDelimited('a,b\n1,"2\n3,4')).toThrow(/line 2/));
});

describe('an import', () => {
  const text = 'size,colour,id,price\n1,red,a,10\n2,blue,b,20\n?,red,c,30\n4,green,d,40\n';

  it('makes features of numbers and categories', () => {
    const { table, features, target } = encode(text, ['number', 'one-hot', 'ignore', 'target'], { missing: 'drop' });
    expect(features).toEqual(['size', 'colour: blue', 'colour: green', 'colour: red']);
    expect([...table.x]).toEqual([1, 0, 0, 1, 2, 1, 0, 0, 4, 0, 1, 0]);
    expect([...table.y]).toEqual([10, 20, 40]);
    expect(target).toBe('price');
    expect([...encode(text, ['ignore', 'codes', 'ignore', 'target']).table.x]).toEqual([2, 0, 2, 1]);
  });

  it('counts classes in the order of numbers, else of the alphabet', () => {
    const { classes, table } = encode('x,y\n1,10\n2,9\n3,10\n', ['number', 'target'], { task: 'classification' });
    expect(classes).toEqual(['9', '10']);
    expect([...table.y]).toEqual([1, 0, 1]);
  });

  it.each([
    [['number', 'one-hot', 'ignore', 'target'], {}, "Row 4, column 'size' has no value"],
    [['number', 'number', 'ignore', 'target'], { missing: 'mean' }, "Row 2, column 'colour' holds 'red', which is not a number"],
    [['number', 'ignore', 'ignore', 'number'], {}, '0 columns are chosen as target'],
    [['ignore', 'ignore', 'ignore', 'target'], {}, 'at least one feature'],
    [['number', 'fold', 'fold', 'target'], {}, 'Several columns are chosen as folds'],
    [['fold', 'one-hot', 'ignore', 'target'], { missing: 'mean' }, "Row 4, column 'size' has no value; leave out rows with missing values"],
    [['ignore', 'fold', 'ignore', 'target'], {}, 'at least one feature'],
    [['number', 'target', 'ignore', 'number'], { missing: 'drop' }, "column 'colour' holds 'red', which is not a number; choose classification"],
  ] as const)('refuses %j %j', (uses, changes, message) => expect(() => encode(text, [...uses], changes)).toThrow(message));

  it.each([
    ['a,b\n1,1\n2,1\n', "Column 'b' has the same value in every row"],
    ['a,b\n1,\n2,\n', "Column 'b' is empty"],
    ['a,b\n1,2,3\n4,5\n', 'Row 2 has 3 values'],
    ['a,b\n1,2\n', '1 rows of values'],
    ['1\n2\n3\n', 'single column'],
    ['a,b\n1e99,1\n2,2\n', 'larger than 3.4e38'],
  ])('refuses %j', (text, message) => expect(() => encode(text, ['number', 'target'])).toThrow(message));

  it('refuses what is of one class once rows with gaps are left out', () =>
    expect(() => encode('x,y\n1,b\n,a\n2,b\n', ['number', 'target'], { task: 'classification', missing: 'drop' })).toThrow("all of class 'b'"));

  it('suggests what columns are for', async () => {
    const path = join(folder, 'raw.csv');
    await writeFile(path, text);
    expect(await previewTable(path)).toMatchObject({
      rows: 4,
      uses: ['number', 'one-hot', 'one-hot', 'target'],
      columns: [{ kind: 'number', missing: 1 }, {}, {}, {}],
    });
  });
});

describe('an imported table', () => {
  const open = async (missing: TableImport['missing'], settings: object, validationFraction = 0.2) => {
    const lines = Array.from({ length: 20 }, (_, i) => `${i === 3 ? '' : i * 100},${i % 2 ? 'a' : 'b'},${2 * i}`);
    await writeFile(join(folder, 'table.csv'), ['x,kind,y', ...lines].join('\n'));
    const row = await importTable(`mine-${missing}`, request(['number', 'one-hot', 'target'], { missing }), join(folder, 'table.csv'), folder);
    return loadDataset({ id: row.id, settings: { ...settings } }, { folder, imported: [row], validationFraction, seed: 1 });
  };

  it('is standardised by the rows that are trained on, and no others', async () => {
    const { train, validation, test, scaling, raw } = await open('drop', { folds: 4, fold: 2 });
    expect([train.rows, validation.rows, test.rows]).toEqual([11, 3, 5]); // of 19
    const column = (x: Float32Array) => Array.from({ length: x.length / 3 }, (_, i) => x[3 * i]!);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(column(train.x))).toBeCloseTo(0, 5);
    expect(mean(column(train.x).map((value) => value ** 2))).toBeCloseTo(1, 5);
    expect(Math.abs(mean([...column(validation.x), ...column(test.x)]))).toBeGreaterThan(1e-3); // mutation caught: statistics of all rows
    expect(test.y[0]! * scaling.ySd + scaling.yMean).toBeCloseTo(raw.test.y[0]!, 3);
  });

  it('fills a missing value with the mean of the training part', async () => {
    const { raw, train, test } = await open('mean', { folds: 4, fold: 1 }, 0);
    const part = [train, test].find((_, k) => [raw.train, raw.test][k]!.x.some(Number.isNaN))!;
    expect([...train.x, ...test.x].some(Number.isNaN)).toBe(false);
    expect([...part.x].filter((value) => value === 0)).toHaveLength(1);
  });

  it('tests each row in exactly one fold', () => {
    const folds = Array.from({ length: 4 }, (_, k) => splitTable(19, { split: 'folds', folds: 4, fold: k + 1, foldSeed: 1 }));
    expect(folds.flatMap(({ test }) => [...test]).sort((a, b) => a - b)).toEqual(Array.from({ length: 19 }, (_, i) => i));
    for (const { train, test } of folds) expect(new Set([...train, ...test]).size).toBe(19);
  });

  it('refuses a fold that does not exist, and one test row too many', async () => {
    await expect(open('drop', { folds: 4, fold: 5 })).rejects.toThrow('choose one of 1 to 4');
    await expect(open('drop', { folds: 20, fold: 1 })).rejects.toThrow('at most 19 folds');
  });

  it('brings its own folds, each tested by itself', async () => {
    const lines = ['x,fold,y', ...Array.from({ length: 9 }, (_, i) => `${i},${['b', 'a', 'c'][i % 3]},${i === 8 ? '' : 2 * i}`)];
    await writeFile(join(folder, 'folded.csv'), lines.join('\n'));
    const { uses } = await previewTable(join(folder, 'folded.csv'));
    expect(uses).toEqual(['number', 'fold', 'target']);
    const row = await importTable('folded', request(uses, { missing: 'drop' }), join(folder, 'folded.csv'), folder);
    expect([row.features, row.folds]).toEqual([['x'], ['a', 'b', 'c']]);
    const tested = await Promise.all(
      [1, 2, 3].map(async (fold) => {
        const { raw } = await loadDataset({ id: row.id, settings: { fold } }, { folder, imported: [row], validationFraction: 0, seed: 1 });
        expect([...raw.train.x, ...raw.test.x].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
        return [...raw.test.x];
      }),
    );
    expect(tested).toEqual([
      [1, 4, 7],
      [0, 3, 6],
      [2, 5], // the row without a target is left out
    ]);
    const load = (settings: object) => loadDataset({ id: row.id, settings: { ...settings } }, { folder, imported: [row], validationFraction: 0, seed: 1 });
    expect((await load({ split: 'folds', folds: 2 })).test.rows).toBe(4); // K-fold all the same
    await expect(load({ fold: 4 })).rejects.toThrow('choose one of 1 to 3');
  });

  it('notices that its file was changed', async () => {
    await writeFile(join(folder, 'pairs.csv'), 'a,b\n1,2\n3,4\n5,6\n7,9');
    const row = await importTable('changed', request(['number', 'target']), join(folder, 'pairs.csv'), folder);
    await writeFile(join(folder, 'changed', 'values.f32'), Buffer.alloc(32));
    await expect(importedTable(row).load({ folder }, { split: 'folds', folds: 2, fold: 1, foldSeed: 1 })).rejects.toMatchObject({ code: 'dataset-changed' });
  });
});

const data = process.env['CREDENCE_DATA'];
describe.skipIf(!data || !existsSync(join(data, 'uci')))('the UCI tables (needs CREDENCE_DATA with uci/)', () => {
  it.each(['housing', 'concrete', 'energy', 'power', 'wine', 'yacht'] as const)('%s has the published rows and the 20 standard splits', async (name) => {
    const { test } = JSON.parse(readFileSync(join(data!, 'uci', name, 'splits.json'), 'utf8')) as { test: number[][] };
    const kind = datasets[`uci-${name}`];
    const raw = await kind.load({ folder }, kind.settings.parse({ fold: 20 }));
    const rows = raw.train.rows + raw.test.rows;
    expect(test.map((_, k) => [...splitTable(rows, { split: 'standard', folds: 10, fold: k + 1, foldSeed: 1 }).test])).toEqual(test);
    const csv = parseDelimited(readFileSync(join(data!, 'uci', name, 'data.csv'), 'utf8')).slice(1);
    expect([...raw.test.y]).toEqual(test[19]!.map((row) => Math.fround(Number(csv[row]!.at(-1)))));
  });
});
