import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CrossValidationSpec } from '../contract/cross-validation';
import type { CrossValidationId } from '../contract/ids';
import type { RunStatus } from '../contract/run';
import { getCrossValidation, insertFit, listCrossValidations, listFits } from '../store/cross-validations';
import { openCrossValidationQueue, type CrossValidationQueue } from './cross-validation-queue';
import { behaving, type Behaviour, openTestContext } from './testing';

let context: ReturnType<typeof openTestContext>;
let queue: CrossValidationQueue;
beforeEach(() => {
  context = { ...openTestContext(), cores: 2 };
  queue = openCrossValidationQueue(context);
});
afterEach(async () => {
  await queue.close();
  context.discard();
});

const start = (behaviour: Behaviour, splits = 6) => queue.enqueue(CrossValidationSpec.parse({ run: behaving(behaviour), splits }), 'mine').id;
const get = (id: CrossValidationId) => queue.withProgress(getCrossValidation(context.db, id));
const reaches = (id: CrossValidationId, status: RunStatus) => vi.waitFor(() => expect(get(id).status).toBe(status), { interval: 3, timeout: 15_000 });
const hasFits = (id: CrossValidationId, n: number) => vi.waitFor(() => expect(get(id).fits.done).toBeGreaterThanOrEqual(n), { interval: 3, timeout: 15_000 });
const splits = (id: CrossValidationId) => listFits(context.db, id).map(({ split }) => split);

describe('cross-validation queue', () => {
  it('shares the splits among workers and stores each fit once', async () => {
    const id = start({ value: 2 });
    await reaches(id, 'succeeded');
    expect(listFits(context.db, id)).toEqual(
      [1, 2, 3, 4, 5, 6].map((split) => ({ type: 'refit', split, candidate: 0, train: {}, test: { rmse: 2 * split }, seconds: 0 })),
    );
    expect(get(id)).toMatchObject({ fits: { done: 6, planned: 6 }, progress: null, error: null });
    expect(context.emitted.filter(({ event }) => event === 'crossValidation.changed').length).toBeLessThan(12);
  });

  it('pauses, goes on, stops, and resumes after the fits that are done', async () => {
    const id = start({ delay: 15 }, 40);
    await hasFits(id, 1);
    queue.pause(id);
    expect(get(id).status).toBe('paused');
    expect(() => queue.pause(id)).toThrow("'mine' is paused");
    queue.resume(id);
    await hasFits(id, 6);
    expect(get(id).progress!.fraction).toBeGreaterThan(0);
    queue.stop(id);
    await reaches(id, 'stopped');
    const done = splits(id);
    expect(done.length).toBeLessThan(40);
    queue.resume(id);
    await reaches(id, 'succeeded');
    expect(splits(id)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1)); // mutation caught: a split fitted twice is refused by its key
    expect(() => queue.resume(id)).toThrow('is succeeded');
  });

  it('fails as a whole with the first error, keeping what is done, and lets the next one begin', async () => {
    const [bad, next] = [start({ crashAt: 6, delay: 5 }), start({})];
    await reaches(bad, 'failed');
    expect(get(bad).error).toEqual({ code: 'diverged', message: 'NaN on split 6' });
    expect(splits(bad)).not.toContain(6);
    expect(context.notices).toEqual(['mine: NaN on split 6']);
    await reaches(next, 'succeeded');
  });

  it('fails with the disk’s error when a fit cannot be stored', async () => {
    const id = start({ delay: 20 });
    insertFit(context.db, id, { type: 'refit', split: 2, candidate: 0, train: {}, test: {}, seconds: 0 }); // the worker’s own will be refused
    await reaches(id, 'failed');
    expect(get(id).error?.message).toContain('UNIQUE');
  });

  it('deletes a running one with its fits; closing interrupts', async () => {
    const [gone, left] = [start({ delay: 20 }), start({ delay: 50 }, 20)];
    await queue.delete(gone);
    expect(listCrossValidations(context.db).map(({ id }) => id)).toEqual([left]);
    await reaches(left, 'running');
    await queue.close();
    expect(getCrossValidation(context.db, left).status).toBe('interrupted');
  });
});
