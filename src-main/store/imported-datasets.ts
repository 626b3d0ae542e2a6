/** @file Repository of imported datasets. */
import { ImportedDataset } from '../contract/dataset';
import type { ReadableDb, WritableDb } from './database';

export function insertImportedDataset(db: WritableDb, dataset: ImportedDataset): void {
  db.prepare('INSERT INTO imported_datasets (id, document, created_at) VALUES (?, ?, ?)').run(dataset.id, JSON.stringify(dataset), Date.now());
}

/** Oldest first. */
export const listImportedDatasets = (db: ReadableDb): ImportedDataset[] =>
  db
    .prepare<[], { document: string }>('SELECT document FROM imported_datasets ORDER BY created_at, rowid')
    .all()
    .map((row) => ImportedDataset.parse(JSON.parse(row.document)));

export const deleteImportedDataset = (db: WritableDb, id: string): void => void db.prepare('DELETE FROM imported_datasets WHERE id = ?').run(id);
