import { describe, expect, it } from 'vitest';
import { CrossValidationSpec, type Fit } from '../contract/cross-validation';
import {
  deleteCrossValidation,
  getCrossValidation,
  insertCrossValidation,
  insertFit,
  listCrossValidations,
  listFits,
  markInterruptedCrossValidations,
  updateCrossValidation,
} from './cross-validations';
import { openDatabase } from './database';
import { exampleSpec } from './testing';

const spec = CrossValidationSpec.parse({ run: exampleSpec, splits: 3, grid: [{ paths: ['method.settings.rate'], values: [0.1, 0.2] }] });
const candidate = (split: number, candidate: number): Fit => ({
  type: 'candidate',
  split,
  candidate,
  validation: { rmse: 1.5, logLikelihood: null },
  seconds: 2,
});
const refit: Fit = { type: 'refit', split: 1, candidate: 1, train: {}, test: { rmse: 2 }, seconds: 1 };

describe('cross-validations', () => {
  it('count and keep their fits, each once, until they are deleted', () => {
    const db = openDatabase(':memory:');
    const { id } = insertCrossValidation(db, spec, 'mine');
    for (const fit of [candidate(2, 0), refit, candidate(1, 1), candidate(1, 0)]) insertFit(db, id, fit);
    expect(() => insertFit(db, id, refit)).toThrow('UNIQUE');
    expect(getCrossValidation(db, id)).toMatchObject({ name: 'mine', status: 'queued', spec, fits: { done: 4, planned: 9 }, progress: null });
    expect(listFits(db, id)).toEqual([candidate(1, 0), candidate(1, 1), refit, candidate(2, 0)]);
    deleteCrossValidation(db, id);
    expect([listCrossValidations(db), listFits(db, id)]).toEqual([[], []]);
    expect(() => getCrossValidation(db, id)).toThrow('does not exist');
  });

  it('are interrupted if they were under way when Credence died', () => {
    const db = openDatabase(':memory:');
    const [running, failed] = [1, 2].map(() => insertCrossValidation(db, spec, ''));
    updateCrossValidation(db, running!.id, { status: 'paused', endedAt: null, error: null });
    updateCrossValidation(db, failed!.id, { status: 'failed', endedAt: 5, error: { code: 'internal', message: 'x' } });
    markInterruptedCrossValidations(db);
    expect(listCrossValidations(db).map(({ status, error }) => [status, error?.message])).toEqual([
      ['failed', 'x'],
      ['interrupted', undefined],
    ]);
  });
});
