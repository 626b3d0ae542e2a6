/** @file A job context over a temporary data folder, and a worker that speaks the protocol but learns nothing. For tests. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vite from 'vite';
import type { Emit, EventName } from '../contract/rpc';
import type { RunSpec } from '../contract/spec';
import { openDataFolder } from '../store/data-folder';
import { openDatabase } from '../store/database';
import { exampleSpec } from '../store/testing';
import { openDesk } from './clerk/desk';
import type { JobContext } from './context';
import { openDeviceList } from './device-list';

/** What the fake worker does; travels in `spec.method.settings`, or in the settings of an experiment. */
export interface Behaviour {
  readonly steps?: number;
  /** ms per step */
  readonly delay?: number;
  /** Value of the metric `nll` at each step. */
  readonly value?: number;
  readonly crashAt?: number;
  readonly exitAt?: number;
  /** Calls into its device without end; the file is a FIFO, and writing to it ends the call. */
  readonly hangAt?: number;
  readonly fifo?: string;
  /** Of that call, ms. */
  readonly patience?: number;
  /** Ends its whole process by this signal. */
  readonly killAt?: number;
  readonly signal?: string;
  /** Its device is lost. */
  readonly loseAt?: number;
  readonly divergeAt?: number;
  /** Steps after which its chain was still sound. */
  readonly sound?: number;
  /** Keeps a draw every so many steps. */
  readonly keepEvery?: number;
}

export const behaving = (behaviour: Behaviour): RunSpec => ({ ...exampleSpec, method: { id: 'bbp', settings: { ...behaviour } } });

const fakeWorker = `
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { setImmediate as soon, setTimeout as later } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

const control = new Int32Array(workerData.control);
const post = (message) => parentPort.postMessage(message);
const sleep = (ms) => (ms > 0 ? later(ms) : soon()); // a timer of 0 ms takes 1 ms
let credits = 32;

async function train({ run, spec, checkpoint, threads }) {
  const { steps = 30, delay = 0, value = 1, crashAt, exitAt, hangAt, fifo, patience = 100, killAt, signal, loseAt, divergeAt, sound, keepEvery } = spec.method.settings;
  const save = (step, type = 'checkpoint') => {
    const file = run + '/' + (type === 'draw' ? 'draw-' : '') + step + '.safetensors';
    const content = run + ' at ' + step;
    mkdirSync(workerData.artifacts + '/' + run, { recursive: true });
    writeFileSync(workerData.artifacts + '/' + file, content);
    post({ type, step, file: { file, sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length } });
  };
  post({ type: 'started', environment: { app: '0', node: '24', engine: 'fake', device: 'none', threads, platform: 'test' }, datasetHash: 'hash', parameters: 7, steps, notes: ['from ' + (checkpoint?.step ?? 0)] });
  for (let step = checkpoint?.step ?? 0; step < steps; ) {
    if (control[0] === 1) {
      save(step);
      post({ type: 'paused' });
      while (control[0] === 1) await sleep(2);
      post({ type: 'resumed' });
    }
    if (control[0] === 2) {
      save(step);
      return post({ type: 'ended', outcome: 'stopped' });
    }
    step++;
    if (step === crashAt) throw new Error('crashed');
    if (step === exitAt) process.exit(3);
    if (step === hangAt) {
      Atomics.store(control, 2, patience);
      Atomics.add(control, 1, 1);
      openSync(fifo); // a native call: waits until somebody writes
      Atomics.store(control, 2, 0);
    }
    if (step === killAt) process.kill(process.pid, signal);
    if (step === loseAt) return post({ type: 'failed', error: { code: 'device-failed', message: 'The device was lost', details: { fault: 'lost' } } });
    if (step === divergeAt) return post({ type: 'failed', error: { code: 'diverged', message: 'NaN at step ' + step, ...(sound && { details: { sound } }) } });
    while (credits === 0) await sleep(1);
    credits--;
    post({ type: 'metrics', scope: 'step', chunk: { names: ['nll'], steps: Float64Array.of(step), values: Float64Array.of(value) } });
    post({ type: 'progress', progress: { step, steps, epoch: step / steps, epochs: 1, speed: 10, eta: 1, message: 'epoch 1 of 1' } });
    if (step % keepEvery === 0) save(step, 'draw');
    if (step % 10 === 0) save(step);
    await sleep(delay);
  }
  post({ type: 'ended', outcome: 'succeeded' });
}

async function study({ settings, runs, parts }) {
  const place = parts.folder + '/' + parts.build; // of what it keeps: how many steps it has done
  const from = existsSync(place) ? Number(readFileSync(place, 'utf8')) : 0;
  mkdirSync(parts.folder, { recursive: true });
  for (let step = from + 1; step <= (settings.steps ?? 3); step++) {
    if (control[0] === 2) return post({ type: 'ended', outcome: 'stopped' });
    if (step === settings.crashAt) throw new Error('crashed');
    if (step === settings.killAt) process.kill(process.pid, 'SIGKILL');
    if (step === settings.loseAt) return post({ type: 'failed', error: { code: 'device-failed', message: 'The device was lost', details: { fault: 'lost' } } });
    post({ type: 'report', fraction: step / (settings.steps ?? 3), message: 'step ' + step, ...(step === 1 && settings.partial && { partial: settings.partial }) });
    writeFileSync(place, String(step));
    await sleep(settings.delay ?? 0);
  }
  post({ type: 'ended', outcome: 'succeeded', result: { checkpoint: runs[0].checkpoint.step, from } });
}

async function crossValidate({ spec, splits, done }) {
  const { delay = 0, crashAt, value = 1 } = spec.run.method.settings;
  const isDone = (split) => done.some((fit) => fit.split === split);
  for (const [i, split] of splits.filter((split) => !isDone(split)).entries()) {
    while (control[0] === 1) await sleep(2);
    if (control[0] === 2) return post({ type: 'ended', outcome: 'stopped' });
    if (split === crashAt) return post({ type: 'failed', error: { code: 'diverged', message: 'NaN on split ' + split } });
    post({ type: 'report', fraction: i / splits.length, message: 'split ' + split });
    await sleep(delay);
    post({ type: 'fit', fit: { type: 'refit', split, candidate: 0, train: {}, test: { rmse: value * split }, seconds: 0 } });
  }
  post({ type: 'ended', outcome: 'succeeded' });
}

async function prepare({ dataset }) {
  post({ type: 'report', fraction: 0.5, message: 'half of it' });
  if (dataset === 'unreachable') return post({ type: 'failed', error: { code: 'download-failed', message: 'No network' } });
  while (dataset === 'endless' && control[0] !== 2) await sleep(2);
  post({ type: 'ended', outcome: control[0] === 2 ? 'stopped' : 'succeeded' });
}

const status = (id) => ({ id, title: id, task: 'classification', source: 'download', state: 'missing', progress: null, error: null, rows: null, bytes: null, hash: null, description: '', citation: '', licence: '', inputShape: [4], classes: [] });

function answer({ type, spec, stored, request, id }) {
  if (type === 'check') return spec.method.id === 'bbp' ? [] : [{ path: 'method', message: 'is unknown' }];
  if (type === 'datasets') return [status('mnist'), status('unreachable'), status('endless')];
  if (type === 'import') return { kind: 'images', id, title: request.title, hash: 'h', normalisation: 'unit', rows: { train: 6, test: 1 }, imageShape: [2, 2], classes: ['0'] };
  if (type === 'catalogue') return { methods: [], layers: [], layerSwitches: {}, priors: [], likelihoods: [], datasets: [], experiments: [], presets: [], training: {}, compute: {} };
  if (type === 'deleteDataset') return null;
  if (type === 'exportWeights' && !stored.spec.compute.device.endsWith('-cpu')) process.kill(process.pid, 'SIGKILL');
  if (type === 'exportWeights') return 7;
  if (type === 'preview') throw new Error('crashed over a preview');
}

parentPort.on('message', (message) => {
  if (message.type === 'credit') credits += message.count;
  if (message.type === 'close') parentPort.close();
  if (message.type === 'train') void train(message);
  if (message.type === 'experiment') void study(message);
  if (message.type === 'cross-validate') void crossValidate(message);
  if (message.type === 'prepare') void prepare(message);
  if (message.type === 'ask' && message.question.type === 'previewImport') post({ type: 'refusal', id: message.id, error: { code: 'invalid-file', message: 'Not IDX' } });
  else if (message.type === 'ask') post({ type: 'answer', id: message.id, answer: answer(message.question) });
});
post({ type: 'ready' });
`;

/** Writes the fake worker; returns its path. */
export function writeFakeWorker(folder: string): string {
  const path = join(folder, 'worker.mjs');
  writeFileSync(path, fakeWorker);
  return path;
}

/** Builds the process around an isolated worker, and `startThread` beside it as thread.mjs; returns the path of the first. */
export async function buildProcess(folder: string): Promise<string> {
  const build = {
    ssr: true,
    outDir: folder,
    emptyOutDir: false,
    rollupOptions: {
      input: { process: join(import.meta.dirname, 'process/main.ts'), thread: join(import.meta.dirname, 'worker-thread.ts') },
      output: { entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' },
    },
  };
  await vite.build({ configFile: false, logLevel: 'error', build });
  return join(folder, 'process.mjs');
}

export interface Emitted {
  readonly event: EventName;
  readonly payload: unknown;
}

/** @param root an existing data folder; a fresh one if left out */
export function openTestContext(root = mkdtempSync(join(tmpdir(), 'credence-jobs-'))) {
  const folder = openDataFolder(root);
  const db = openDatabase(folder.database);
  const emitted: Emitted[] = [];
  const notices: string[] = [];
  const logged: string[] = [];
  const place = {
    folder,
    workerPath: writeFakeWorker(root),
    processPath: join(root, 'process.js'), // see buildProcess
    cores: 4,
    emit: ((event, payload) => void emitted.push({ event, payload })) satisfies Emit,
    log: { info: () => undefined, warn: (message: string) => void logged.push(message), error: (message: string) => void logged.push(message) },
  };
  const devices = openDeviceList({ ...place, entry: '', engine: 'test', kinds: () => Promise.resolve([]) });
  const clerk = { ...openDesk(db, folder.artifacts), close: () => Promise.resolve() };
  const context: JobContext = { ...place, db, devices, clerk, notify: (_level, message) => void notices.push(message) };
  const discard = () => {
    db.close();
    rmSync(root, { recursive: true });
  };
  return { ...context, emitted, notices, logged, discard };
}
