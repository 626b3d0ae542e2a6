import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ExperimentId, RunId } from '../contract/ids';
import type { RunStatus } from '../contract/run';
import { insertArtifact, listCheckpoints, listDraws } from '../store/artifacts';
import { listEvents } from '../store/events';
import { getExperiment } from '../store/experiments';
import { readMetrics } from '../store/metrics';
import { getRun, insertRun, updateRun } from '../store/runs';
import { updateSettings } from '../store/settings';
import { exampleSpec } from '../store/testing';
import { openExperimentQueue } from './experiment-queue';
import { openInspector } from './inspector';
import type { ToProcess } from './process-protocol';
import { openRunQueue, type RunQueue } from './run-queue';
import { describeRun } from './stored-run';
import { behaving, type Behaviour, buildProcess, openTestContext } from './testing';

// Threads, processes and the database are real; only what a worker computes is played.
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
const cpu = 'onnxruntime-cpu';
const enqueue = (behaviour: Behaviour, device = gpu) => queue.enqueue({ ...behaving(behaviour), compute: { device, threads: 0 } }, 'a run').id;
const soon = (assertion: () => void) => vi.waitFor(assertion, { interval: 3, timeout: 15_000 });
const reaches = (run: RunId, expected: RunStatus) => soon(() => expect(getRun(context.db, run).status).toBe(expected));
const steps = (run: RunId) => [...readMetrics(context.db, run, 'step', {}).steps];
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const messageOf = (run: RunId) => getRun(context.db, run).error?.message;
const events = (run: RunId) => listEvents(context.db, run).map(({ message }) => message);
const isolate = (isolateRuns: 'never' | 'GPU' | 'always') => updateSettings(context.db, { isolateRuns });
/** Goes on as if what befell the device had passed. */
async function resumeToTheEnd(run: RunId, device = gpu) {
  updateRun(context.db, run, { spec: { ...behaving({ steps: 30 }), compute: { device, threads: 0 } } });
  await queue.resume(run);
  await reaches(run, 'succeeded');
  expect(steps(run)).toEqual(upTo(30));
  expect(events(run)).toContain('from 20'); // the last checkpoint before step 25
}

describe.runIf(spawnSync('mkfifo', ['--help']).error === undefined)('a device that hangs', () => {
  beforeEach(() => void spawnSync('mkfifo', [fifo]));

  it('costs its run and its worker thread, is refused, and the queue goes on elsewhere', async () => {
    isolate('never');
    const hung = enqueue({ steps: 30, hangAt: 25, fifo });
    const [there, elsewhere] = [enqueue({ steps: 5 }), enqueue({ steps: 5 }, 'auto')];
    await reaches(hung, 'failed');
    expect(getRun(context.db, hung).error).toMatchObject({ code: 'device-failed', details: { fault: 'hung' } });
    expect(messageOf(hung)).toMatch(/^Device hung: .* The run can be resumed from its last checkpoint on another device; this one is not used again until/);
    await reaches(elsewhere, 'succeeded');
    expect(getRun(context.db, there).error).toMatchObject({ code: 'unsupported', message: expect.stringContaining('a call into it did not end') as string });
    await queue.close(); // does not wait for what hangs

    queue = openRunQueue(context);
    await resumeToTheEnd(hung, 'auto');
    closeSync(openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK)); // it wakes after all, and nobody hears it
    expect([steps(hung), getRun(context.db, hung).status]).toEqual([upTo(30), 'succeeded']);
  });

  it('is killed with a process of its own, and can be used again', async () => {
    const hung = enqueue({ steps: 30, hangAt: 25, fifo });
    await reaches(hung, 'failed');
    expect(messageOf(hung)).toMatch(/^Device hung: .* The run can be resumed from its last checkpoint\.$/);
    await resumeToTheEnd(hung);
  });

  it('is not refused if it is the CPU, without which nothing would be left', async () => {
    const hung = enqueue({ steps: 30, hangAt: 25, fifo }, cpu);
    await reaches(hung, 'failed');
    expect(messageOf(hung)).toMatch(/^Device hung: .* The run can be resumed from its last checkpoint\.$/);
    closeSync(openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK));
    await resumeToTheEnd(hung, cpu);
  });

  it('lets the process end whose thread it holds', async () => {
    const { artifacts, datasets, programs } = context.folder;
    const place = { workerPath: context.workerPath, artifacts, datasets, programs };
    const job = { type: 'train', run: 'run-hung', spec: behaving({ hangAt: 1, fifo }), checkpoint: null, threads: 1 };
    const program = `
      import { startThread } from './thread.mjs';
      const worker = startThread(${JSON.stringify(place)}, { onMessage() {}, onExit: (error) => { console.log(error.message); process.exit(0); } });
      worker.post(${JSON.stringify(job)});
    `;
    writeFileSync(join(built, 'hung.mjs'), program);
    const child = spawn(process.execPath, [join(built, 'hung.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [[said], [, signal]] = await Promise.all([once(child.stdout, 'data'), once(child, 'exit')]);
    expect([String(said), signal]).toEqual(['Device hung: a call into it has not ended within 0 s\n', 'SIGKILL']);
  });

  it('leaves no process behind when the main process ends', async () => {
    const child: ChildProcess = fork(processPath, [], { serialization: 'advanced', execArgv: [] });
    const send = (message: ToProcess) => child.send(message);
    const { artifacts, datasets, programs } = context.folder;
    send({ type: 'start', place: { workerPath: context.workerPath, artifacts, datasets, programs } });
    await once(child, 'message'); // ready
    const run = 'run-orphan';
    send({ type: 'post', message: { type: 'train', run, spec: behaving({ hangAt: 1, fifo, patience: 60_000 }), checkpoint: null, threads: 1 } });
    await once(child, 'message'); // started: from here it hangs
    const exited = once(child, 'exit');
    child.disconnect(); // as the end of this process would
    expect(await exited).toEqual([null, 'SIGKILL']);
  });
});

describe('a device that is lost', () => {
  it('is refused until restart, since its context in this process is gone', async () => {
    isolate('never');
    const lost = enqueue({ steps: 30, loseAt: 25 });
    const elsewhere = enqueue({ steps: 5 }, 'auto');
    await reaches(elsewhere, 'succeeded');
    expect(messageOf(lost)).toMatch(/^The device was lost\. .* this one is not used again until Credence is restarted/);
    await resumeToTheEnd(lost, 'auto');
  });

  it('with the process of its run only costs that run', async () => {
    const lost = enqueue({ steps: 30, loseAt: 25 });
    await reaches(lost, 'failed');
    expect(messageOf(lost)).toBe('The device was lost. The run can be resumed from its last checkpoint.');
    await resumeToTheEnd(lost);
  });
});

describe('a run in a process of its own', () => {
  it('whose process crashes fails, the queue goes on, and it resumes', async () => {
    const crashed = enqueue({ steps: 30, killAt: 25, signal: 'SIGSEGV', delay: 1 });
    const next = enqueue({ steps: 5 }, cpu);
    await reaches(next, 'succeeded');
    expect(getRun(context.db, crashed)).toMatchObject({ status: 'failed', error: { code: 'device-failed', details: { fault: 'crashed' } } });
    expect(messageOf(crashed)).toMatch(/^The process of the run was ended by SIGSEGV: .* The run can be resumed from its last checkpoint\.$/);
    await resumeToTheEnd(crashed, cpu);
  });

  it('pauses, resumes, keeps draws and stops as in a thread', async () => {
    isolate('always');
    const run = enqueue({ steps: 10_000, delay: 1, keepEvery: 4 }, cpu);
    await soon(() => expect(steps(run).length).toBeGreaterThan(5));
    queue.pause(run);
    await reaches(run, 'paused');
    expect(listCheckpoints(context.db, run)[0]?.step).toBe(steps(run).length);
    await queue.resume(run);
    await reaches(run, 'running');
    await soon(() => expect(listDraws(context.db, run).length).toBeGreaterThan(3));
    queue.stop(run);
    await reaches(run, 'stopped');
    const reached = steps(run).length;
    expect(steps(run)).toEqual(upTo(reached));
    expect(listCheckpoints(context.db, run)[0]?.step).toBe(reached);
    expect(events(run)).toEqual(['from 0', 'Paused', 'Resumed', 'Stopped']);
  });

  it('says so if its process cannot be started', async () => {
    const { processPath: _, ...rest } = context;
    const broken = openRunQueue({ ...rest, processPath: '/nowhere.js' });
    const run = broken.enqueue({ ...behaving({ steps: 5 }), compute: { device: gpu, threads: 0 } }, 'a run').id;
    await reaches(run, 'failed');
    expect(messageOf(run)).toMatch(/^The process of the run ended with exit code 1/);
  });
});

describe('a study, and a run held open,', () => {
  /** A run trained on the GPU. */
  function trained(device = gpu): RunId {
    const { id } = insertRun(context.db, { ...exampleSpec, compute: { device, threads: 0 } }, 'trained');
    insertArtifact(context.db, { run: id, kind: 'checkpoint', file: `${id}/7`, sha256: 'ab', bytes: 1, step: 7, createdAt: 1 });
    return id;
  }
  const ended = (id: ExperimentId) => vi.waitFor(() => expect(getExperiment(context.db, id).endedAt).not.toBeNull(), { interval: 3, timeout: 15_000 });

  it('survives the process of its device', async () => {
    const experiments = openExperimentQueue(context);
    const { id } = experiments.enqueue({ kind: 'evaluate', runs: [trained()], settings: { killAt: 2 } });
    await ended(id);
    expect(getExperiment(context.db, id).error?.message).toMatch(/^The process of the run was ended by SIGKILL: .*\. It can be resumed\.$/);
    await experiments.close();
  });

  it('has a lost device refused, and goes on elsewhere', async () => {
    isolate('never');
    const experiments = openExperimentQueue(context);
    const { id } = experiments.enqueue({ kind: 'evaluate', runs: [trained()], settings: { loseAt: 2 } });
    await ended(id);
    expect(getExperiment(context.db, id).error?.message).toContain('this one is not used again until Credence is restarted');
    expect(context.devices.substitute(gpu)).toBe(cpu);
    await experiments.close();
  });

  it('is asked in a process of its own where the device may crash, and in this one where not', async () => {
    const explorer = openInspector(context, { eager: false, guard: context });
    const ask = (run: RunId) =>
      explorer.ask({ type: 'exportWeights', stored: describeRun(context, run), imported: [], threads: 1, format: 'onnx', draws: 1, seed: 0, path: '/nowhere' });
    const [onGpu, onCpu] = [trained(), trained(cpu)];
    expect(await ask(onCpu)).toBe(7);
    await expect(ask(onGpu)).rejects.toMatchObject({ code: 'device-failed', message: expect.stringMatching(/SIGKILL.* Try again\.$/) as string });
    expect(await ask(onCpu)).toBe(7);
    await explorer.close();
  });
});
