/** @file Repository of experiments and their stored results. */
import type { z } from 'zod';
import { WorkbenchError } from '../contract/errors';
import { Experiment } from '../contract/experiment';
import { ExperimentId, type RunId } from '../contract/ids';
import type { ReadableDb, WritableDb } from './database';
import { fromJson, newId } from './rows';

type Row = { id: string; kind: string; runs: string; settings: string; status: string; error: string | null; created_at: number; ended_at: number | null };
const select = 'SELECT id, kind, runs, settings, status, error, created_at, ended_at FROM experiments';

const fromRow = (row: Row): Experiment =>
  Experiment.parse({
    id: row.id,
    kind: row.kind,
    runs: fromJson(row.runs),
    settings: fromJson(row.settings),
    status: row.status,
    progress: null, // lives in the queue
    error: fromJson(row.error),
    createdAt: row.created_at,
    endedAt: row.ended_at,
  });

/** Inserts a queued experiment. */
export function insertExperiment(db: WritableDb, { kind, runs, settings }: Pick<Experiment, 'kind' | 'runs' | 'settings'>): Experiment {
  const id = newId(ExperimentId, 'exp');
  const statement = db.prepare(`INSERT INTO experiments (id, kind, runs, settings, status, created_at) VALUES (?, ?, ?, ?, 'queued', ?)`);
  statement.run(id, kind, JSON.stringify(runs), JSON.stringify(settings), Date.now());
  return getExperiment(db, id);
}

/** @throws WorkbenchError `not-found` */
export function getExperiment(db: ReadableDb, id: ExperimentId): Experiment {
  const row = db.prepare<[string], Row>(`${select} WHERE id = ?`).get(id);
  if (!row) throw missing(id);
  return fromRow(row);
}

/** Newest first; those over `run` only, if given. */
export const listExperiments = (db: ReadableDb, run?: RunId): Experiment[] =>
  db
    .prepare<{ run: string | null }, Row>(
      `${select} WHERE @run IS NULL OR EXISTS (SELECT 1 FROM json_each(runs) WHERE value = @run) ORDER BY created_at DESC, rowid DESC`,
    )
    .all({ run: run ?? null })
    .map(fromRow);

export function updateExperiment(
  db: WritableDb,
  id: ExperimentId,
  change: Partial<Pick<Experiment, 'status' | 'error' | 'endedAt'>> & { result?: z.core.util.JSONType },
): void {
  const { status, error, endedAt, result } = change;
  db.prepare(
    'UPDATE experiments SET status = coalesce(?, status), error = coalesce(?, error), ended_at = coalesce(?, ended_at), result = coalesce(?, result) WHERE id = ?',
  ).run(status ?? null, error ? JSON.stringify(error) : null, endedAt ?? null, result === undefined ? null : JSON.stringify(result), id);
}

/** Back into the queue, as if it had never ended. */
export const requeueExperiment = (db: WritableDb, id: ExperimentId): void =>
  void db.prepare(`UPDATE experiments SET status = 'queued', error = NULL, ended_at = NULL WHERE id = ?`).run(id);

/** The result as its experiment wrote it. @throws WorkbenchError `not-found` while there is none */
export function getResult(db: ReadableDb, id: ExperimentId): unknown {
  const row = db.prepare<[string], { result: string | null }>('SELECT result FROM experiments WHERE id = ?').get(id);
  if (!row) throw missing(id);
  if (row.result === null) throw new WorkbenchError('not-found', `Experiment ${id} has no result: it has not succeeded`);
  return fromJson(row.result);
}

export const deleteExperiment = (db: WritableDb, id: ExperimentId): void => void db.prepare('DELETE FROM experiments WHERE id = ?').run(id);

/** Experiments that a dead process left queued or running become `interrupted`. */
export const markInterruptedExperiments = (db: WritableDb): void =>
  void db.prepare(`UPDATE experiments SET status = 'interrupted', ended_at = ? WHERE status IN ('queued', 'running')`).run(Date.now());

const missing = (id: ExperimentId) => new WorkbenchError('not-found', `Experiment ${id} does not exist`);
