/** @file Repository of cross-validations and their fits. */
import { WorkbenchError } from '../contract/errors';
import { candidatesOf, CrossValidation, CrossValidationSpec, Fit } from '../contract/cross-validation';
import { CrossValidationId } from '../contract/ids';
import type { ReadableDb, WritableDb } from './database';
import { fromJson, newId } from './rows';

type Row = { id: string; name: string; status: string; spec: string; created_at: number; ended_at: number | null; error: string | null; done: number };
const select = `SELECT *, (SELECT count(*) FROM cross_validation_fits WHERE cross_validation = id) AS done FROM cross_validations`;

/** Trainings that a specification asks for: each split's candidates, if there is a choice, and the chosen one again. */
const plannedFits = (spec: CrossValidationSpec): number => {
  const candidates = candidatesOf(spec).length;
  return spec.splits * (candidates > 1 ? candidates + 1 : 1);
};

function fromRow({ id, name, status, spec: document, created_at, ended_at, error, done }: Row): CrossValidation {
  const spec = CrossValidationSpec.parse(fromJson(document));
  return CrossValidation.parse({
    ...{ id, name, status, spec, error: fromJson(error) },
    createdAt: created_at,
    endedAt: ended_at,
    fits: { done, planned: plannedFits(spec) },
    progress: null, // lives in the queue
  });
}

/** Inserts a queued one. */
export function insertCrossValidation(db: WritableDb, spec: CrossValidationSpec, name: string): CrossValidation {
  const id = newId(CrossValidationId, 'cv');
  db.prepare(`INSERT INTO cross_validations (id, name, status, spec, created_at) VALUES (?, ?, 'queued', ?, ?)`).run(
    id,
    name,
    JSON.stringify(spec),
    Date.now(),
  );
  return getCrossValidation(db, id);
}

/** @throws WorkbenchError `not-found` */
export function getCrossValidation(db: ReadableDb, id: CrossValidationId): CrossValidation {
  const row = db.prepare<[string], Row>(`${select} WHERE id = ?`).get(id);
  if (!row) throw new WorkbenchError('not-found', `Cross-validation ${id} does not exist; it may have been deleted`);
  return fromRow(row);
}

/** Newest first. */
export const listCrossValidations = (db: ReadableDb): CrossValidation[] =>
  db.prepare<[], Row>(`${select} ORDER BY created_at DESC, rowid DESC`).all().map(fromRow);

export function updateCrossValidation(
  db: WritableDb,
  id: CrossValidationId,
  { status, endedAt, error }: Pick<CrossValidation, 'status' | 'endedAt' | 'error'>,
): void {
  db.prepare('UPDATE cross_validations SET status = ?, ended_at = ?, error = ? WHERE id = ?').run(status, endedAt, error && JSON.stringify(error), id);
}

/** With all its fits. */
export const deleteCrossValidation = (db: WritableDb, id: CrossValidationId): void => void db.prepare('DELETE FROM cross_validations WHERE id = ?').run(id);

export function insertFit(db: WritableDb, id: CrossValidationId, fit: Fit): void {
  const statement = db.prepare('INSERT INTO cross_validation_fits (cross_validation, split, candidate, refit, document) VALUES (?, ?, ?, ?, ?)');
  statement.run(id, fit.split, fit.candidate, fit.type === 'refit' ? 1 : 0, JSON.stringify(fit));
}

/** In the order of splits. */
export const listFits = (db: ReadableDb, id: CrossValidationId): Fit[] =>
  db
    .prepare<[string], { document: string }>('SELECT document FROM cross_validation_fits WHERE cross_validation = ? ORDER BY split, refit, candidate')
    .all(id)
    .map((row) => Fit.parse(JSON.parse(row.document)));

/** Those that a dead process left queued, running or paused. */
export const markInterruptedCrossValidations = (db: WritableDb): void =>
  void db.prepare(`UPDATE cross_validations SET status = 'interrupted', ended_at = ? WHERE status IN ('queued', 'running', 'paused')`).run(Date.now());
