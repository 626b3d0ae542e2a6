/** @file Repository of runs: the only file that knows the `runs` table, but for its key. */
import { WorkbenchError } from '../contract/errors';
import { RunId } from '../contract/ids';
import { Run } from '../contract/run';
import type { RunSpec } from '../contract/spec';
import type { ReadableDb, WritableDb } from './database';
import { fromJson, newId } from './rows';

/** Field of `Run` ↔ column. */
const columns = {
  name: 'name',
  status: 'status',
  spec: 'spec',
  startedAt: 'started_at',
  endedAt: 'ended_at',
  deletedAt: 'deleted_at',
  progress: 'progress',
  latest: 'latest',
  datasetHash: 'dataset_hash',
  environment: 'environment',
  error: 'error',
  parameters: 'parameters',
  priorPrecision: 'prior_precision',
} as const;
const documents = new Set<string>(['spec', 'progress', 'latest', 'environment', 'error']);

export type RunChange = Partial<Pick<Run, keyof typeof columns>>;

type Row = Record<string, string | number | null>;
const select = `SELECT *, EXISTS (SELECT 1 FROM artifacts WHERE artifacts.run = runs.key AND kind = 'checkpoint') AS has_checkpoint,
  (SELECT COUNT(*) FROM artifacts WHERE artifacts.run = runs.key AND kind = 'draws') AS kept_draws FROM runs`;

function fromRow(row: Row): Run {
  const fields = Object.entries(columns).map(([field, column]) => [field, documents.has(field) ? fromJson(row[column] as string | null) : row[column]]);
  const keptDraws = Number(row['kept_draws']);
  return Run.parse({
    ...Object.fromEntries(fields),
    id: row['id'],
    createdAt: row['created_at'],
    hasCheckpoint: row['has_checkpoint'] === 1,
    ...(keptDraws > 0 && { keptDraws }),
  });
}

export const newRunId = (): RunId => newId(RunId, 'run');

/** Inserts a queued run. */
export function insertRun(db: WritableDb, spec: RunSpec, name: string, id = newRunId()): Run {
  const now = Date.now();
  db.prepare(`INSERT INTO runs (id, name, status, spec, created_at, queued_at) VALUES (?, ?, 'queued', ?, ?, ?)`).run(id, name, JSON.stringify(spec), now, now);
  return getRun(db, id);
}

/** @throws WorkbenchError `not-found` */
export function getRun(db: ReadableDb, id: RunId): Run {
  const row = db.prepare<[string], Row>(`${select} WHERE id = ?`).get(id);
  if (!row) throw missing(id);
  return fromRow(row);
}

/** `deleted_at` of a run that is being imported: it is in no list, and what a crash leaves of it is purged at the next start. */
export const arriving = 0;

/** Those whose import came to no end. */
export const listArriving = (db: ReadableDb): RunId[] =>
  db
    .prepare<[number], string>('SELECT id FROM runs WHERE deleted_at = ?')
    .pluck()
    .all(arriving)
    .map((id) => RunId.parse(id));

/** Newest first; either those in the trash or the others. */
export const listRuns = (db: ReadableDb, { trash }: { trash: boolean }): Run[] =>
  db
    .prepare<[], Row>(`${select} WHERE ${trash ? `deleted_at <> ${arriving}` : 'deleted_at IS NULL'} ORDER BY created_at DESC, key DESC`)
    .all()
    .map(fromRow);

/** The run that has waited longest. */
export function nextQueuedRun(db: ReadableDb): RunId | undefined {
  const row = db.prepare<[], { id: string }>(`SELECT id FROM runs WHERE status = 'queued' AND deleted_at IS NULL ORDER BY queued_at, key LIMIT 1`).get();
  return row && RunId.parse(row.id);
}

/** @throws WorkbenchError `not-found` */
export function updateRun(db: WritableDb, id: RunId, change: RunChange): void {
  const fields = Object.keys(change) as (keyof RunChange)[];
  const values = fields.map((field) => (documents.has(field) && change[field] !== null ? JSON.stringify(change[field]) : change[field]));
  const assignments = fields.map((field) => `${columns[field]} = ?`);
  if (change.status === 'queued') {
    assignments.push('queued_at = ?');
    values.push(Date.now());
  }
  if (db.prepare(`UPDATE runs SET ${assignments.join(', ')} WHERE id = ?`).run(...values, id).changes === 0) throw missing(id);
}

/** Deletes the row and all that hangs on it; large metric tables should have been emptied before, in slices. */
export const deleteRun = (db: WritableDb, id: RunId): void => void db.prepare('DELETE FROM runs WHERE id = ?').run(id);

/** Runs that a dead process left running or paused become `interrupted`. Returns them. */
export function markInterruptedRuns(db: WritableDb): RunId[] {
  const rows = db
    .prepare<[number], { id: string }>(`UPDATE runs SET status = 'interrupted', ended_at = ? WHERE status IN ('running', 'paused') RETURNING id`)
    .all(Date.now());
  return rows.map((row) => RunId.parse(row.id));
}

/** Integer key by which other tables refer to a run. @throws WorkbenchError `not-found` */
export function runKey(db: ReadableDb, id: RunId): number {
  const row = db.prepare<[string], { key: number }>('SELECT key FROM runs WHERE id = ?').get(id);
  if (!row) throw missing(id);
  return row.key;
}

const missing = (id: RunId) => new WorkbenchError('not-found', `Run ${id} does not exist; it may have been deleted for good`);
