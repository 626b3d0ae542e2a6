/** @file Threads over one shared memory: the device's own and its helpers run noise and fused passes together. */
import { Worker } from 'node:worker_threads';
import { WorkbenchError } from '../../../contract/errors';
import { Heap } from './heap';
import { rowValues, rowWords, words } from './module';

/** What fixes all noise of a step. */
export interface NoiseAddress {
  /** Unsigned 32-bit. */
  readonly seed: number;
  /** < 2⁵³ */
  readonly step: number;
}

/** Kernels that every thread has; tables name them by their position. */
export interface Kernels {
  readonly id: number;
  readonly work: () => void;
}

/** Waking the pool takes about as long as one thread needs for so many values. */
const worthWaking = 32_768;

/** Rows in the shared memory: see module.ts. */
export interface Table {
  readonly pointer: number;
  readonly rows: number;
  /** Of all rows together. */
  readonly values: number;
}

// Sleeps until there is work; the last to finish wakes the device's thread.
const workerSource = `
const { parentPort, receiveMessageOnPort, workerData: { memory, words } } = require('node:worker_threads');
const control = new Int32Array(memory.buffer, 0, words.count);
const programs = new Map();
for (let generation = 0; ; ) {
  Atomics.wait(control, words.generation, generation);
  generation = Atomics.load(control, words.generation);
  if (Atomics.load(control, words.stop)) break;
  try {
    for (let news; (news = receiveMessageOnPort(parentPort)); ) {
      const { id, module } = news.message;
      if (module) programs.set(id, new WebAssembly.Instance(module, { env: { memory } }).exports.work);
      else programs.delete(id);
    }
    programs.get(control[words.program])();
  } catch {
    Atomics.store(control, words.failed, 1);
  }
  if (Atomics.sub(control, words.running, 1) === 1) Atomics.notify(control, words.running);
}
`;

/** Seconds without a sign of life. */
const patience = 20;

const failure = (cause?: unknown): WorkbenchError =>
  new WorkbenchError(
    'device-failed',
    `A thread of the CPU device failed in the middle of a step${cause instanceof Error ? ` (${cause.message})` : ''}; resume the run from its last checkpoint`,
    { cause },
  );

export class Pool {
  readonly heap = new Heap(4 * words.count);
  readonly #control = this.heap.words(0, words.count);
  readonly #workers: readonly Worker[];
  readonly #ended: readonly Promise<void>[];
  #programs = 0;
  /** Why nothing can run any more. */
  #fault: WorkbenchError | undefined;

  constructor(threads: number) {
    this.#workers = Array.from({ length: threads - 1 }, () => new Worker(workerSource, { eval: true, workerData: { memory: this.heap.memory, words } }));
    this.#ended = this.#workers.map(
      (worker) =>
        new Promise((resolve) => {
          worker.on('error', (cause) => (this.#fault ??= failure(cause)));
          worker.once('exit', () => {
            this.#fault ??= failure();
            resolve();
          });
        }),
    );
  }

  /** Resolves when the pool's threads run; from then on they do not keep the process alive. */
  async ready(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => new Promise((resolve, reject) => worker.once('online', resolve).once('error', reject))));
    for (const worker of this.#workers) worker.unref();
  }

  /** @param code a module as encodePoolModule makes it. */
  load(code: Uint8Array<ArrayBuffer>): Kernels {
    const module = new WebAssembly.Module(code);
    const { work } = new WebAssembly.Instance(module, { env: { memory: this.heap.memory } }).exports as { work: () => void };
    const id = this.#programs++;
    for (const worker of this.#workers) worker.postMessage({ id, module });
    return { id, work };
  }

  unload({ id }: Kernels): void {
    for (const worker of this.#workers) worker.postMessage({ id });
  }

  /** Rows as they lie in memory, to be freed by the caller. */
  table(rows: readonly (readonly number[])[]): Table {
    const pointer = this.heap.allocate(4 * rowWords * rows.length);
    const data = this.heap.words(pointer, rowWords * rows.length);
    rows.forEach((row, i) => data.set(row, i * rowWords));
    return { pointer, rows: rows.length, values: rows.reduce((all, row) => all + row[rowValues]!, 0) };
  }

  /**
   * Does all rows, in any order.
   *
   * @throws WorkbenchError `device-failed` if a thread failed or ended, now or earlier: the step is then half done, and the pool can only be closed.
   */
  run(kernels: Kernels, { pointer, rows, values }: Table, { seed, step }: NoiseAddress): void {
    if (this.#fault) throw this.#fault;
    if (rows === 0) return;
    const control = this.#control;
    control[words.seed] = seed;
    control[words.stepLow] = step % 2 ** 32;
    control[words.stepHigh] = Math.floor(step / 2 ** 32);
    control[words.program] = kernels.id;
    control[words.table] = pointer;
    control[words.rows] = rows;
    Atomics.store(control, words.nextRow, 0);
    const helpers = rows > 1 && values > worthWaking ? this.#workers.length : 0;
    if (helpers > 0) {
      Atomics.store(control, words.running, helpers);
      this.#wake();
    }
    try {
      kernels.work();
    } catch (cause) {
      this.#fault = failure(cause);
    }
    if (helpers > 0) this.#awaitHelpers();
    if (Atomics.exchange(control, words.failed, 0)) this.#fault ??= failure();
    if (this.#fault) throw this.#fault;
  }

  /** A thread that has ended cannot be heard of here, only missed: no row takes as long as a second. */
  #awaitHelpers(): void {
    const control = this.#control;
    let silence = 0; // s; a process that was stopped meanwhile is not held to it
    for (let running = Atomics.load(control, words.running); running > 0; running = Atomics.load(control, words.running)) {
      silence = Atomics.wait(control, words.running, running, 1000) === 'timed-out' ? silence + 1 : 0;
      if (silence === patience) throw (this.#fault ??= failure(new Error(`a thread did not answer for ${patience} s`)));
    }
  }

  /** Ends the pool's threads. */
  async close(): Promise<void> {
    for (const worker of this.#workers) worker.ref(); // the process waits for the end it has asked for
    Atomics.store(this.#control, words.stop, 1);
    this.#wake();
    if (this.#fault) for (const worker of this.#workers) void worker.terminate(); // it may never wake
    await Promise.all(this.#ended);
  }

  #wake(): void {
    Atomics.add(this.#control, words.generation, 1);
    Atomics.notify(this.#control, words.generation);
  }
}

/** @param threads that work at once, the caller's included. */
export async function openPool(threads: number): Promise<Pool> {
  const pool = new Pool(threads);
  await pool.ready();
  return pool;
}
