/** @file All noise of a device: the WebAssembly generator, run by the device's own thread together with a small pool. */
import { Worker } from 'node:worker_threads';
import { WorkbenchError } from '../../../contract/errors';
import type { NoiseInput } from '../../compiler/trace';
import { sizeOf } from '../../numerics/host-tensor';
import type { NoiseKind } from '../../numerics/random';
import { blockValues, encodeNoiseModule, maximumPages, rowWords, words } from './module';

export interface NoiseAddress {
  /** Unsigned 32-bit. */
  readonly seed: number;
  /** < 2⁵³ */
  readonly step: number;
}

/** The draws of one step. */
export interface NoiseProgram {
  /** Views of the generator's memory, valid until the next fill of any program. */
  readonly outputs: readonly { readonly name: string; readonly shape: readonly number[]; readonly data: Float32Array }[];
  fill(address: NoiseAddress): void;
}

/** Blocks of a table row: large enough to hide the hand-over, small enough to share evenly. */
const rowBlocks = 16;
const pageBytes = 65_536;

// Sleeps until there is work; the last to finish wakes the device's thread.
const workerSource = `
const { workerData: { module, memory, words } } = require('node:worker_threads');
const { work } = new WebAssembly.Instance(module, { env: { memory } }).exports;
const control = new Int32Array(memory.buffer, 0, 16);
for (let generation = 0; ; ) {
  Atomics.wait(control, words.generation, generation);
  generation = Atomics.load(control, words.generation);
  if (Atomics.load(control, words.stop)) break;
  work();
  if (Atomics.sub(control, words.running, 1) === 1) Atomics.notify(control, words.running);
}
`;

export class NoiseGenerator {
  readonly #memory = new WebAssembly.Memory({ initial: 1, maximum: maximumPages, shared: true });
  readonly #control = new Int32Array(this.#memory.buffer, 0, words.table);
  readonly #module = new WebAssembly.Module(encodeNoiseModule());
  readonly #work = new WebAssembly.Instance(this.#module, { env: { memory: this.#memory } }).exports['work'] as () => void;
  readonly #workers: readonly Worker[];

  constructor(threads: number) {
    this.#workers = Array.from(
      { length: threads - 1 },
      () => new Worker(workerSource, { eval: true, workerData: { module: this.#module, memory: this.#memory, words } }),
    );
  }

  /** Resolves when the pool's threads run; from then on they do not keep the process alive. */
  async ready(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => new Promise((resolve, reject) => worker.once('online', resolve).once('error', reject))));
    for (const worker of this.#workers) worker.unref();
  }

  /**
   * Lays out the draws of one step in the memory that all programs of this generator use in turn.
   *
   * @throws WorkbenchError `unsupported` if they need more than 4 GiB.
   */
  compile(inputs: readonly NoiseInput[]): NoiseProgram {
    const rowsOf = ({ shape }: NoiseInput) => Math.ceil(sizeOf(shape) / (rowBlocks * blockValues));
    const count = inputs.reduce((total, input) => total + rowsOf(input), 0);
    const table = new Int32Array(count * rowWords);
    let [end, row] = [align(4 * (words.table + table.length)), 0];
    const places = inputs.map((input) => {
      const size = sizeOf(input.shape);
      const pointer = end;
      for (let first = 0; first < size; first += rowBlocks * blockValues, row++)
        table.set(
          [input.kind === 'normal' ? 1 : 0, pointer + 4 * first, Math.min(size - first, rowBlocks * blockValues), input.address, first / blockValues],
          row * rowWords,
        );
      end = align(pointer + 4 * size);
      return pointer;
    });
    this.#reserve(end);
    const { buffer } = this.#memory;
    const outputs = inputs.map(({ name, shape }, i) => ({ name, shape, data: new Float32Array(buffer, places[i]!, sizeOf(shape)) }));
    return { outputs, fill: (address) => this.#fill(table, address) };
  }

  /** One draw, copied out. */
  draw(kind: NoiseKind, address: number, shape: readonly number[], at: NoiseAddress): Float32Array {
    const program = this.compile([{ name: 'draw', kind, address, shape }]);
    program.fill(at);
    return program.outputs[0]!.data.slice();
  }

  /** Ends the pool's threads. */
  async close(): Promise<void> {
    const ended = this.#workers.map((worker) => {
      worker.ref(); // the process waits for the end it has asked for
      return new Promise((resolve) => worker.once('exit', resolve));
    });
    Atomics.store(this.#control, words.stop, 1);
    this.#wake();
    await Promise.all(ended);
  }

  #fill(table: Int32Array, { seed, step }: NoiseAddress): void {
    const rows = table.length / rowWords;
    if (rows === 0) return;
    new Int32Array(this.#memory.buffer, 4 * words.table, table.length).set(table);
    this.#control[words.seed] = seed;
    this.#control[words.stepLow] = step % 2 ** 32;
    this.#control[words.stepHigh] = Math.floor(step / 2 ** 32);
    this.#control[words.rows] = rows;
    Atomics.store(this.#control, words.nextRow, 0);
    // Waking the pool costs more than a row or two.
    const helpers = rows > 2 ? this.#workers.length : 0;
    if (helpers > 0) {
      Atomics.store(this.#control, words.running, helpers);
      this.#wake();
    }
    this.#work();
    for (let running = Atomics.load(this.#control, words.running); helpers > 0 && running > 0; running = Atomics.load(this.#control, words.running))
      Atomics.wait(this.#control, words.running, running, 1000);
  }

  #wake(): void {
    Atomics.add(this.#control, words.generation, 1);
    Atomics.notify(this.#control, words.generation);
  }

  #reserve(bytes: number): void {
    const missing = Math.ceil(bytes / pageBytes) - this.#memory.buffer.byteLength / pageBytes;
    if (missing <= 0) return;
    try {
      this.#memory.grow(missing);
    } catch (cause) {
      throw new WorkbenchError('unsupported', `One step needs ${Math.ceil(bytes / 2 ** 20)} MiB of noise, which cannot be had; draw fewer samples at once`, {
        cause,
      });
    }
  }
}

/** Pointers at multiples of 64 bytes, with room for a generator's last, whole vectors. */
const align = (bytes: number): number => Math.ceil((bytes + 28) / 64) * 64;

/** @param threads that work at once, the caller's included. */
export async function openNoise(threads: number): Promise<NoiseGenerator> {
  const generator = new NoiseGenerator(threads);
  await generator.ready();
  return generator;
}
