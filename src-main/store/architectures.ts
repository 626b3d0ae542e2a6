/** @file Repository of the user's own architectures. */
import { SavedArchitecture } from '../contract/architecture';
import { ArchitectureId } from '../contract/ids';
import type { Architecture } from '../contract/spec';
import type { ReadableDb, WritableDb } from './database';
import { fromJson, newId } from './rows';

type Row = { id: string; document: string; saved_at: number };
const fromRow = ({ id, document, saved_at }: Row): SavedArchitecture => SavedArchitecture.parse({ id, architecture: fromJson(document), savedAt: saved_at });

/** By name. */
export const listArchitectures = (db: ReadableDb): SavedArchitecture[] =>
  db
    .prepare<[], Row>('SELECT * FROM architectures')
    .all()
    .map(fromRow)
    .sort((a, b) => a.architecture.name.localeCompare(b.architecture.name, 'en'));

/** Writes over the one of this id, or makes a new one. */
export function saveArchitecture(db: WritableDb, id: ArchitectureId | null, architecture: Architecture): SavedArchitecture {
  const saved: SavedArchitecture = { id: id ?? newId(ArchitectureId, 'arch'), architecture, savedAt: Date.now() };
  db.prepare('INSERT OR REPLACE INTO architectures (id, document, saved_at) VALUES (?, ?, ?)').run(saved.id, JSON.stringify(architecture), saved.savedAt);
  return saved;
}

export const deleteArchitecture = (db: WritableDb, id: ArchitectureId): void => void db.prepare('DELETE FROM architectures WHERE id = ?').run(id);
