import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunId } from '../contract/ids';
import type { RunStatus } from '../contract/run';
import { listCheckpoints, listDraws } from '../store/artifacts';
import { listEvents } from '../store/events';
import { insertExperiment, listExperiments } from '../store/experiments';
import { readMetrics } from '../store/metrics';
import { getRun, listRuns, markInterruptedRuns, updateRun } from '../store/runs';
import { updateSettings } from '../store/settings';
import { openRunQueue, type RunQueue } from './run-queue';
import { behaving, type Behaviour, openTestContext } from './testing';

let context: ReturnType<typeof openTestContext>;
let queue: RunQueue;
beforeEach(() => {
  context = openTestContext();
  queue = openRunQueue(context);
});
afterEach(async () => {
  await queue.close();
  context.discard();
});

const start = (behaviour: Behaviour, name = 'a run') => queue.enqueue(behaving(behaviour), name).id;
const status = (run: RunId) => getRun(context.db, run).status;
const reaches = (run: RunId, expected: RunStatus) => vi.waitFor(() => expect(status(run)).toBe(expected), { interval: 3, timeout: 15_000 });
const steps = (run: RunId) => [...readMetrics(context.db, run, 'step', {}).steps];
const values = (run: RunId) => [...readMetrics(context.db, run, 'step', {}).values];
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const files = () => readdirSync(context.folder.artifacts, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
const hasSteps = (run: RunId, n: number) => vi.waitFor(() => expect(steps(run).length).toBeGreaterThanOrEqual(n), { interval: 3, timeout: 15_000 });

describe('run queue', () => {
  it('stores all that a run says, and returns credits', async () => {
    const run = start({ steps: 200, value: 0.25 }); // far more messages than credits
    await reaches(run, 'succeeded');
    expect(steps(run)).toEqual(upTo(200));
    expect(getRun(context.db, run)).toMatchObject({
      latest: { nll: 0.25 },
      progress: { step: 200, speed: 0, eta: null },
      environment: { engine: 'fake', threads: 4 },
      datasetHash: 'hash',
      parameters: 7,
      error: null,
      hasCheckpoint: true,
    });
    expect(listEvents(context.db, run).map(({ message }) => message)).toEqual(['from 0', 'Finished']);
    expect(context.emitted.filter(({ event }) => event === 'run.metrics')).toHaveLength(200);
    expect(context.emitted.filter(({ event }) => event === 'run.changed').length).toBeLessThan(30);
  });

  it('keeps the last two checkpoints, in the database and on disk', async () => {
    const run = start({ steps: 55 });
    await reaches(run, 'succeeded');
    expect(listCheckpoints(context.db, run).map(({ step }) => step)).toEqual([50, 40]);
    await vi.waitFor(() =>
      expect(
        files()
          .map(({ name }) => name)
          .sort(),
      ).toEqual(['40.safetensors', '50.safetensors']),
    );
  });

  it('keeps as many draws as the run says, and forgets at a resume what its checkpoint does not know', async () => {
    const spec = behaving({ steps: 60, delay: 1, keepEvery: 4, exitAt: 47 });
    const run = queue.enqueue({ ...spec, training: { ...spec.training, keptDraws: 5 } }, 'sampler').id;
    await reaches(run, 'failed');
    const kept = () => listDraws(context.db, run).map(({ step }) => step);
    expect([kept(), listCheckpoints(context.db, run)[0]?.step]).toEqual([[44, 40, 36, 32, 28], 40]);
    expect(getRun(context.db, run).keptDraws).toBe(5);
    updateRun(context.db, run, {
      spec: { ...getRun(context.db, run).spec, method: { id: 'bbp', settings: { steps: 60, delay: 1, keepEvery: 4, divergeAt: 41 } } },
    });
    await queue.resume(run);
    await reaches(run, 'failed'); // before its next draw
    expect(kept()).toEqual([40, 36, 32, 28]);
    await vi.waitFor(() => expect(files().map(({ name }) => name)).not.toContain('draw-24.safetensors'));
    expect(files().map(({ name }) => name)).toContain('draw-28.safetensors');
  });

  it('drops what a chain left after it had run away, but keeps a checkpoint beside sound draws', async () => {
    const diverges = (behaviour: Behaviour) => queue.enqueue(behaving({ steps: 60, divergeAt: 41, ...behaviour }), 'sampler').id;
    const kept = (id: RunId) => [listDraws(context.db, id), listCheckpoints(context.db, id)].map((list) => list.map(({ step }) => step));
    const lost = diverges({ keepEvery: 35, sound: 31 });
    await reaches(lost, 'failed');
    expect(kept(lost)).toEqual([[], [30]]);
    const run = diverges({ keepEvery: 4, sound: 30 });
    await reaches(run, 'failed');
    expect(kept(run)).toEqual([
      [28, 24, 20, 16, 12, 8, 4],
      [40, 30],
    ]);
    await vi.waitFor(() => expect(files().map(({ name }) => name)).not.toContain('draw-32.safetensors'));
    expect(files().map(({ name }) => name)).toContain('draw-28.safetensors');
  });

  it('runs as many at once as the settings say, in the order of asking', async () => {
    const runs = ['a', 'b', 'c'].map((name) => start({ steps: 10_000, delay: 1 }, name));
    const statuses = () => runs.map(status);
    expect(statuses()).toEqual(['running', 'queued', 'queued']);
    updateSettings(context.db, { concurrentRuns: 2 });
    queue.fill();
    expect(statuses()).toEqual(['running', 'running', 'queued']);
    expect(queue.active()).toBe(2);
    await hasSteps(runs[0]!, 1);
    queue.stop(runs[0]!);
    await vi.waitFor(() => expect(statuses()).toEqual(['stopped', 'running', 'running']), { interval: 3 });
    expect(getRun(context.db, runs[2]!).progress).toBeNull(); // it has only just begun
  });

  it('shares the cores among the runs at once, unless told otherwise', async () => {
    updateSettings(context.db, { concurrentRuns: 2 });
    const shared = start({ steps: 1 });
    await reaches(shared, 'succeeded');
    expect(getRun(context.db, shared).environment?.threads).toBe(2);
    const own = queue.enqueue({ ...behaving({ steps: 1 }), compute: { device: 'auto', threads: 3 } }, 'own').id;
    await reaches(own, 'succeeded');
    expect(getRun(context.db, own).environment?.threads).toBe(3);
  });

  it('pauses with a checkpoint, and continues in the same worker', async () => {
    const run = start({ steps: 60, delay: 2 });
    await hasSteps(run, 3);
    queue.pause(run);
    await reaches(run, 'paused');
    const seen = steps(run).length;
    expect(listCheckpoints(context.db, run)[0]?.step).toBe(seen);
    await queue.resume(run);
    await reaches(run, 'succeeded');
    expect(steps(run)).toEqual(upTo(60));
    expect(listEvents(context.db, run).map(({ message }) => message)).toEqual(['from 0', 'Paused', 'Resumed', 'Finished']); // started once
  });

  it('stops with a checkpoint and goes on from it', async () => {
    const run = start({ steps: 60, delay: 2 });
    await hasSteps(run, 3);
    queue.stop(run);
    await reaches(run, 'stopped');
    const [checkpoint] = listCheckpoints(context.db, run);
    expect(steps(run)).toEqual(upTo(checkpoint!.step));
    await queue.resume(run);
    await reaches(run, 'succeeded');
    expect(steps(run)).toEqual(upTo(60));
    expect(listEvents(context.db, run).map(({ message }) => message)).toEqual(['from 0', 'Stopped', `from ${checkpoint!.step}`, 'Finished']);
  });

  it('takes a queued run out of the queue', async () => {
    const [first, second] = [start({ steps: 5, delay: 2 }), start({ steps: 5 })];
    queue.stop(second);
    expect(status(second)).toBe('stopped');
    expect(() => queue.pause(second)).toThrowError(expect.objectContaining({ code: 'unsupported' }));
    await reaches(first, 'succeeded');
    expect(status(second)).toBe('stopped');
    await queue.resume(second);
    await reaches(second, 'succeeded');
    await expect(queue.resume(second)).rejects.toMatchObject({ code: 'unsupported' });
  });

  it.each([
    ['throws', { crashAt: 15 }, /ended unexpectedly \(crashed\)/],
    ['exits', { exitAt: 15 }, /ended unexpectedly \(exit code 3\)/],
    ['finds NaN', { divergeAt: 15 }, /NaN at step 15/],
  ])('fails a run whose worker %s, says so, and starts the next', async (_what, behaviour, message) => {
    const run = start({ steps: 30, ...behaviour }, 'ill-fated');
    const next = start({ steps: 5 });
    await reaches(run, 'failed');
    expect(getRun(context.db, run).error?.message).toMatch(message);
    expect(context.notices[0]).toMatch(/^ill-fated: /);
    expect(listCheckpoints(context.db, run)[0]?.step).toBe(10);
    await reaches(next, 'succeeded');
    updateRun(context.db, run, { spec: behaving({ steps: 30 }) });
    await queue.resume(run);
    await reaches(run, 'succeeded');
    expect(steps(run)).toEqual(upTo(30));
  });

  it('drops metric rows newer than the checkpoint in the transaction that queues the run again', async () => {
    const run = start({ steps: 30, value: 1, exitAt: 26 });
    await reaches(run, 'failed');
    updateRun(context.db, run, { status: 'running' }); // as a killed process leaves it
    expect(markInterruptedRuns(context.db)).toEqual([run]);
    expect(steps(run).length).toBeGreaterThan(20);
    updateRun(context.db, run, { spec: behaving({ steps: 30, value: 2 }) });
    updateSettings(context.db, { concurrentRuns: 1 });
    const blocker = start({ steps: 10_000, delay: 1 });
    await queue.resume(run);
    expect(status(run)).toBe('queued');
    expect(steps(run)).toEqual(upTo(20));
    expect(getRun(context.db, run).progress?.step).toBe(20);
    queue.stop(blocker);
    await reaches(run, 'succeeded');
    expect(steps(run)).toEqual(upTo(30));
    expect(values(run)).toEqual(upTo(30).map((step) => (step <= 20 ? 1 : 2)));
  });

  it('falls back to the checkpoint before a damaged one', async () => {
    const run = start({ steps: 30, exitAt: 25 });
    await reaches(run, 'failed');
    writeFileSync(join(context.folder.artifacts, listCheckpoints(context.db, run)[0]!.file), 'damaged');
    updateRun(context.db, run, { spec: behaving({ steps: 30 }) });
    await queue.resume(run);
    await reaches(run, 'succeeded');
    expect(listEvents(context.db, run).map(({ message }) => message)).toContain('from 10');
    expect(steps(run)).toEqual(upTo(30));
  });

  it('stops a run with a clear error when the disk is full, and resumes it when there is room', async () => {
    const pages = context.db.pragma('page_count', { simple: true }) as number;
    context.db.pragma(`max_page_count = ${pages + 1}`); // SQLite then fails as on a full disk
    const run = start({ steps: 200 });
    await reaches(run, 'failed');
    expect(getRun(context.db, run).error).toMatchObject({ code: 'disk-full' });
    context.db.pragma('max_page_count = 1000000');
    await queue.resume(run);
    await reaches(run, 'succeeded');
    expect(steps(run)).toEqual(upTo(200));
  });

  it('moves to the trash and back, and purges with all files, rows and experiments', async () => {
    const run = start({ steps: 30 });
    await reaches(run, 'succeeded');
    insertExperiment(context.db, { kind: 'evaluate', runs: [run], settings: {} });
    queue.moveToTrash(run);
    expect(listRuns(context.db, { trash: false })).toEqual([]);
    queue.restore(run);
    expect(listRuns(context.db, { trash: false })).toHaveLength(1);
    await queue.purge(run);
    expect(listRuns(context.db, { trash: false })).toEqual([]);
    expect([files(), listExperiments(context.db)]).toEqual([[], []]);
    expect(context.emitted.at(-1)).toEqual({ event: 'run.removed', payload: run });
  });

  it('stops a running run that is purged', async () => {
    const run = start({ steps: 10_000, delay: 1 });
    await hasSteps(run, 2);
    await queue.purge(run);
    expect(() => getRun(context.db, run)).toThrowError(expect.objectContaining({ code: 'not-found' }));
    expect(files()).toEqual([]);
  });

  it('closes with a checkpoint of every run, and starts no other', async () => {
    const [running, queued] = [start({ steps: 10_000, delay: 1 }), start({ steps: 5 })];
    await hasSteps(running, 2);
    await queue.close();
    expect([status(running), status(queued)]).toEqual(['stopped', 'queued']);
    expect(listCheckpoints(context.db, running)[0]?.step).toBe(steps(running).length);
  });
});
