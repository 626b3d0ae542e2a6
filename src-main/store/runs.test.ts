import { describe, expect, it } from 'vitest';
import { RunId } from '../contract/ids';
import { deleteArtifact, insertArtifact, listCheckpoints } from './artifacts';
import { insertEvent, listEvents } from './events';
import { deleteRun, getRun, insertRun, listRuns, markInterruptedRuns, nextQueuedRun, updateRun } from './runs';
import { exampleSpec, openExample } from './testing';

const progress = { step: 5, steps: 10, epoch: 0.5, epochs: 1, speed: 3, eta: null, message: 'epoch 1 of 1' };
const environment = { app: '0.1.0', node: '24', engine: 'e', device: 'cpu', threads: 2, platform: 'linux' };
const artifact = (run: RunId, step: number) => ({ run, kind: 'checkpoint' as const, file: `${run}/${step}`, sha256: 'ab', bytes: 1, step, createdAt: step });

describe('runs', () => {
  it('brings back every field', () => {
    const { db, run } = openExample();
    const error = { code: 'diverged' as const, message: 'NaN at step 4', details: { step: 4 } };
    updateRun(db, run, {
      status: 'failed',
      progress,
      environment,
      error,
      startedAt: 1,
      endedAt: 2,
      parameters: 7,
      priorPrecision: 0.5,
      datasetHash: 'h',
      latest: { nll: 0.5, kl: null },
    });
    expect(getRun(db, run)).toMatchObject({
      id: run,
      name: 'first',
      status: 'failed',
      spec: exampleSpec,
      progress,
      environment,
      error,
      startedAt: 1,
      endedAt: 2,
      parameters: 7,
      priorPrecision: 0.5,
      hasCheckpoint: false,
    });
    expect(getRun(db, run).latest).toEqual({ nll: 0.5, kl: null });
    updateRun(db, run, { error: null });
    expect(getRun(db, run).error).toBeNull();
  });

  it('does not trust a row', () => {
    const { db, run } = openExample();
    db.prepare(`UPDATE runs SET status = 'asleep'`).run();
    expect(() => getRun(db, run)).toThrow('status');
  });

  it('serves the queue in the order of waiting', () => {
    const { db, run } = openExample();
    const second = insertRun(db, exampleSpec, 'second').id;
    expect(nextQueuedRun(db)).toBe(run);
    updateRun(db, run, { status: 'running' });
    expect(nextQueuedRun(db)).toBe(second);
    updateRun(db, second, { deletedAt: 1 });
    expect(nextQueuedRun(db)).toBeUndefined();
    expect(listRuns(db, { trash: true }).map(({ id }) => id)).toEqual([second]);
    expect(listRuns(db, { trash: false }).map(({ id }) => id)).toEqual([run]);
  });

  it('marks what a dead process left', () => {
    const { db, run } = openExample();
    const queued = insertRun(db, exampleSpec, 'queued').id;
    updateRun(db, run, { status: 'paused' });
    expect(markInterruptedRuns(db)).toEqual([run]);
    expect([getRun(db, run).status, getRun(db, queued).status]).toEqual(['interrupted', 'queued']);
  });

  it('knows its checkpoints, newest first, and its events in order', () => {
    const { db, run } = openExample();
    for (const step of [10, 30, 20]) insertArtifact(db, artifact(run, step));
    expect(listCheckpoints(db, run).map(({ step }) => step)).toEqual([30, 20, 10]);
    expect(getRun(db, run).hasCheckpoint).toBe(true);
    for (const { file } of listCheckpoints(db, run)) deleteArtifact(db, file);
    expect(getRun(db, run).hasCheckpoint).toBe(false);
    const events = ['a', 'b'].map((message) => ({ time: 1, level: 'info' as const, message, step: null }));
    for (const event of events) insertEvent(db, run, event);
    expect(listEvents(db, run)).toEqual(events);
  });

  it('deletes with all that hangs on it, and names a missing run', () => {
    const { db, run } = openExample();
    insertArtifact(db, artifact(run, 1));
    deleteRun(db, run);
    expect(db.prepare('SELECT COUNT(*) FROM artifacts').pluck().get()).toBe(0);
    expect(() => getRun(db, run)).toThrowError(expect.objectContaining({ code: 'not-found' }));
    expect(() => updateRun(db, RunId.parse('run-none'), { name: 'x' })).toThrowError(expect.objectContaining({ code: 'not-found' }));
  });
});
