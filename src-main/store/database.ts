/** @file Opening the database: checks, backup, migrations, brands. */
import Database from 'better-sqlite3';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { namingFullDisk } from '../artifacts/artifact';
import { WorkbenchError } from '../contract/errors';
import { migrations as known } from './migrations';

/** A handle that may only read cannot be passed where a write happens: the brand is checked by the compiler. */
export type ReadableDb = Database.Database & { readonly __readable: never };
export type WritableDb = ReadableDb & { readonly __writable: never };

const keptBackups = 3;

/**
 * Opens the database at `path` (or ':memory:') and brings it to the newest schema in one transaction, after a copy to `backups/` beside it.
 * @throws WorkbenchError `newer-database`, `invalid-file`, `unsupported` (Node.js too old), `disk-full`
 */
export function openDatabase(path: string, migrations: readonly string[] = known, nodeApi = Number(process.versions['napi'])): WritableDb {
  // better-sqlite3 13 needs Node-API 10; on an older Node.js it ends the whole process without a word.
  if (!(nodeApi >= 10))
    throw new WorkbenchError('unsupported', `Node.js ${process.versions.node} is too old for the database; Credence needs Node.js 22.14 or later`);
  const db = new Database(path);
  try {
    db.pragma('busy_timeout = 2000');
    const version = schemaVersion(db);
    if (version > migrations.length) {
      throw new WorkbenchError(
        'newer-database',
        `${path} was written by a later version of Credence (schema ${version}, this one knows ${migrations.length}). Update Credence, or start it with another data folder.`,
      );
    }
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    db.pragma('foreign_keys = ON');
    if (version < migrations.length) {
      if (version > 0) backUp(db, path, version);
      db.transaction(() => {
        for (const migration of migrations.slice(version)) db.exec(migration);
        db.pragma(`user_version = ${migrations.length}`);
      })();
    }
    return db as WritableDb;
  } catch (error) {
    db.close();
    if (error instanceof Database.SqliteError && error.code === 'SQLITE_NOTADB') {
      throw new WorkbenchError('invalid-file', `${path} is not a Credence database. Move it away, or put back a copy from the folder backups.`, {
        cause: error,
      });
    }
    throw namingFullDisk(error, path);
  }
}

/** A second connection to a database that `openDatabase` has opened: it sees what has been committed, and cannot write. */
export function openForReading(path: string): ReadableDb {
  const db = new Database(path, { readonly: true });
  db.pragma('busy_timeout = 2000');
  return db as ReadableDb;
}

/** A full disk or a damaged file as the error a user can act on; anything else unchanged. */
export function explainDatabaseError(error: unknown, path = 'the database'): unknown {
  if (error instanceof Database.SqliteError && /^SQLITE_(NOTADB|CORRUPT)/.test(error.code)) {
    return new WorkbenchError('invalid-file', `${path} is damaged, or not a Credence database. Move it away, or put back a copy from the folder backups.`, {
      cause: error,
    });
  }
  return namingFullDisk(error, path);
}

/** Runs `write` in a transaction that survives a power failure: the only moment at which the main thread waits for the disk. */
export function durably<T>(db: WritableDb, write: () => T): T {
  db.pragma('synchronous = FULL');
  try {
    return db.transaction(write)();
  } finally {
    db.pragma('synchronous = NORMAL');
  }
}

const schemaVersion = (db: Database.Database): number => db.pragma('user_version', { simple: true }) as number;

function backUp(db: Database.Database, path: string, version: number): void {
  const folder = join(dirname(path), 'backups');
  mkdirSync(folder, { recursive: true });
  const stem = `${basename(path, '.db')}-`;
  const copy = join(folder, `${stem}${new Date().toISOString().replaceAll(':', '')}-schema-${version}.db`);
  db.prepare('VACUUM INTO ?').run(copy);
  // Names begin with the time, so they sort by age.
  for (const old of readdirSync(folder)
    .filter((name) => name.startsWith(stem))
    .sort()
    .slice(0, -keptBackups))
    rmSync(join(folder, old));
}
