/** @file Repository of the files of runs: paths and hashes; the files themselves lie in the artifacts folder. */
import type { RunId } from '../contract/ids';
import { Artifact } from '../contract/run';
import type { ReadableDb, WritableDb } from './database';
import { runKey } from './runs';

export function insertArtifact(db: WritableDb, { run, kind, file, sha256, bytes, step, createdAt }: Artifact): void {
  db.prepare('INSERT OR REPLACE INTO artifacts (file, run, kind, sha256, bytes, step, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)').run(
    file,
    runKey(db, run),
    kind,
    sha256,
    bytes,
    step,
    createdAt,
  );
}

/** Newest first. */
export const listCheckpoints = (db: ReadableDb, run: RunId): Artifact[] => listArtifacts(db, run, ['checkpoint']);

/** Newest first; the draws of one step in the order of their members, backwards. */
export const listDraws = (db: ReadableDb, run: RunId): Artifact[] => listArtifacts(db, run, ['draws']);

/** All files of a run, newest first. */
export const listArtifacts = (db: ReadableDb, run: RunId, kinds: readonly Artifact['kind'][] = Artifact.shape.kind.options): Artifact[] =>
  db
    .prepare(
      `SELECT file, kind, sha256, bytes, step, created_at AS createdAt FROM artifacts
       WHERE run = ? AND kind IN (SELECT value FROM json_each(?)) ORDER BY step DESC, created_at DESC, file DESC`,
    )
    .all(runKey(db, run), JSON.stringify(kinds))
    .map((row) => Artifact.parse({ ...(row as object), run }));

export const deleteArtifact = (db: WritableDb, file: string): void => void db.prepare('DELETE FROM artifacts WHERE file = ?').run(file);

/** Every file of every run. */
export const listRecordedFiles = (db: ReadableDb): Set<string> => new Set(db.prepare<[], string>('SELECT file FROM artifacts').pluck().all());
