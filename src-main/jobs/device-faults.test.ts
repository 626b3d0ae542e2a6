import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunId } from '../contract/ids';
import type { RunStatus } from '../contract/run';
import { readMetrics } from '../store/metrics';
import { getRun, updateRun } from '../store/runs';
import { updateSettings } from '../store/settings';
import { openRunQueue, type RunQueue } from './run-queue';
import { behaving, type Behaviour, buildProcess, openTestContext } from './testing';

// Real threads and processes, a real database; only what a worker does is played.
const built = join(import.meta.dirname, `../../.cache/process-test-${process.pid}`);
let processPath: string;
beforeAll(async () => {
  mkdirSync(built, { recursive: true });
  processPath = await buildProcess(built);
});
afterAll(() => rmSync(built, { recursive: true }));

let context: ReturnType<typeof openTestContext>;
let queue: RunQueue;
let fifo: string;
beforeEach(() => {
  context = { ...openTestContext(), processPath };
  fifo = join(context.folder.artifacts, 'fifo');
  queue = openRunQueue(context);
});
afterEach(async () => {
  await queue.close();
  context.discard();
});

const gpu = 'onnxruntime-webgpu';
const enqueue = (behaviour: Behaviour, device = gpu) => queue.enqueue({ ...behaving(behaviour), compute: { device, threads: 0 } }, 'a run').id;
const reaches = (run: RunId, expected: RunStatus) => vi.waitFor(() => expect(getRun(context.db, run).status).toBe(expected), { interval: 3, timeout: 15_000 });
const steps = (run: RunId) => [...readMetrics(context.db, run, 'step', {}).steps];
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const error = (run: RunId) => getRun(context.db, run).error;
/** As after the fault has passed: the same run, but its worker behaves. */
const behave = (run: RunId, behaviour: Behaviour = { steps: 30 }) =>
  updateRun(context.db, run, { spec: { ...getRun(context.db, run).spec, ...{ method: behaving(behaviour).method } } });
const isolate = (isolateRuns: 'never' | 'GPU' | 'always') => updateSettings(context.db, { isolateRuns });

const hasFifos = spawnSync('mkfifo', ['--help']).error === undefined;

describe.runIf(hasFifos)('a hung device', () => {
  beforeEach(() => void spawnSync('mkfifo', [fifo]));

  it('costs its run and its worker thread, is refused, and the queue goes on elsewhere', async () => {
    isolate('never');
    const hung = enqueue({ steps: 30, hangAt: 25, fifo });
    const [onTheSame, elsewhere] = [enqueue({ steps: 5 }), enqueue({ steps: 5 }, 'auto')];
    await reaches(hung, 'failed');
    expect(error(hung)).toMatchObject({
      code: 'device-failed',
      message: expect.stringMatching(/^Device hung: .* Resume .*until when this one is not used/) as string,
    });
    await reaches(elsewhere, 'succeeded');
    expect(error(onTheSame)).toMatchObject({ code: 'unsupported', message: expect.stringContaining('a call into it did not end') as string });
    await queue.close(); // does not wait for what hangs

    // It wakes after all; nobody hears it any more, and the run has gone on meanwhile.
    queue = openRunQueue(context);
    behave(hung);
    updateRun(context.db, hung, { spec: { ...getRun(context.db, hung).spec, compute: { device: 'auto', threads: 0 } } });
    await queue.resume(hung);
    await reaches(hung, 'succeeded');
    closeSync(openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK));
    expect(steps(hung)).toEqual(upTo(30));
  });

  it('in a process of its own is killed with it, and can be used again', async () => {
    const hung = enqueue({ steps: 30, hangAt: 25, fifo });
    await reaches(hung, 'failed');
    expect(error(hung)?.message).toMatch(/^Device hung: .* Resume from the last checkpoint\.$/);
    behave(hung);
    await queue.resume(hung);
    await reaches(hung, 'succeeded');
    expect(steps(hung)).toEqual(upTo(30));
  });
});
