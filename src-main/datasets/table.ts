/** @file Datasets that are tables: one row a case, one column a feature, and a split that the settings choose. */
import type { z } from 'zod';
import { join } from 'node:path';
import { WorkbenchError } from '../contract/errors';
import type { ImportedTable } from '../contract/table';
import { defineDataset, type DatasetCard, type DatasetKind, type LoadContext, type RawPart } from './dataset';
import { hashParts } from './hash';
import { importedSequence } from './imported-sequence';
import { hashTable, readTableFolder, readTableManifest, tableBytes, type Table } from './table-folder';
import { FoldedTableSettings, splitTable, TableSettings, type TableSplit } from './table-split';

export interface TableSource extends Pick<DatasetKind, 'stored' | 'prepare' | 'source'> {
  read(context: LoadContext): Promise<Table>;
}

/** What is trained with, where nothing better is known: the network of the UCI literature. */
const recommended = (task: DatasetCard['task']): DatasetCard['recommended'] => ({
  architecture: '1x50',
  likelihood: task === 'regression' ? { id: 'gaussian', settings: { noise: 'learnt' } } : { id: 'categorical', settings: {} },
  prior: { id: 'gaussian', settings: { sd: 1 } },
  training: { epochs: 400, batchSize: 100 },
  method: { learningRate: 0.01 },
});

function take({ x, y, rows }: Table, chosen: Uint32Array, task: DatasetCard['task']): RawPart {
  const features = x.length / rows;
  const taken = new Float32Array(chosen.length * features);
  chosen.forEach((row, i) => taken.set(x.subarray(row * features, (row + 1) * features), i * features));
  const targets = task === 'regression' ? Float32Array.from(chosen, (row) => y[row]!) : Int32Array.from(chosen, (row) => y[row]!);
  return { rows: chosen.length, x: taken, y: targets };
}

/** A dataset of a table: `settings` decide the split, so that a fold of a cross-validation is a dataset like any other. */
export function tableDataset<Settings extends z.ZodObject>(
  card: Omit<DatasetCard, 'recommended'> & { readonly settings: Settings },
  { read, ...source }: TableSource,
): DatasetKind<Settings> {
  return defineDataset({
    ...card,
    ...source,
    recommended: recommended(card.task),
    async load(context, settings) {
      const table = await read(context);
      const { train, test } = splitTable(table.rows, settings as unknown as TableSplit, table.fold); // all settings of tables have its fields
      const raw = { train: take(table, train, card.task), test: take(table, test, card.task) };
      return { ...raw, hash: hashParts(raw) };
    },
  });
}

/** An imported table as a dataset like the registered ones. */
export const importedTable = (row: ImportedTable): DatasetKind => (row.sequence ? importedSequence(row, row.sequence) : importedCases(row));

const importedCases = ({ id, title, task, features, codes, target, classes, folds, rows, hash }: ImportedTable): DatasetKind =>
  tableDataset(
    {
      id,
      title,
      task,
      inputShape: [features.length],
      features,
      ...(codes && { codes }),
      classes,
      target,
      description: `${rows} rows of ${features.length} features, imported from a table. Target: ${target.name}${target.unit && ` (${target.unit})`}.${folds ? ` Its own folds: ${folds.join(', ')}.` : ''}`,
      citation: '',
      licence: '',
      settings: folds ? FoldedTableSettings : TableSettings,
      ...(folds && { givenFolds: folds.length }),
    },
    {
      source: 'import',
      async stored(folder) {
        const manifest = await readTableManifest(join(folder, id));
        if (!manifest) throw new WorkbenchError('not-found', `The files of ${title} are no longer in the data folder; delete it and import it again`);
        return { rows: partRows(rows), bytes: tableBytes(manifest), hash };
      },
      prepare: () => Promise.resolve(), // its files came with the import
      async read({ folder }) {
        const table = await readTableFolder(join(folder, id), title);
        if (hashTable(table) !== hash)
          throw new WorkbenchError('dataset-changed', `${title} is not the table that was imported; delete it and import it again`);
        return table;
      },
    },
  );

/** Of the default split into tenths. */
const partRows = (rows: number) => ({ train: rows - Math.floor(rows / 10), test: Math.floor(rows / 10) });
