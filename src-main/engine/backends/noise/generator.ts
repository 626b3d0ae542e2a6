/** @file Noise of whole tensors: the generator's blocks shared out to a pool of threads. */
import type { NoiseInput } from '../../compiler/trace';
import { sizeOf } from '../../numerics/host-tensor';
import type { NoiseKind } from '../../numerics/random';
import { encodePoolModule, generators } from '../pool/module';
import { openPool, type Kernels, type NoiseAddress, type Pool } from '../pool/pool';
import { blockValues } from './module';

/** The draws of one step. */
export interface NoiseProgram {
  /** Views of the shared memory, overwritten by each fill. */
  readonly outputs: readonly { readonly name: string; readonly shape: readonly number[]; readonly data: Float32Array }[];
  fill(address: NoiseAddress): void;
  dispose(): void;
}

/** Blocks of a table row: large enough to hide the hand-over, small enough to share evenly. */
const rowBlocks = 16;

/** Rows of a pool's table that fill the memory from `pointer` on with a draw. */
export const noiseRows = ({ kind, address, shape }: NoiseInput, pointer: number): number[][] => {
  const rows: number[][] = [];
  for (let first = 0, size = sizeOf(shape); first < size; first += rowBlocks * blockValues)
    rows.push([generators[kind], pointer + 4 * first, Math.min(size - first, rowBlocks * blockValues), address, first / blockValues]);
  return rows;
};

/** Noise alone, for devices that do not compile. */
export class NoiseGenerator {
  readonly #kernels: Kernels;

  constructor(private readonly pool: Pool) {
    this.#kernels = pool.load(encodePoolModule([]));
  }

  /** @throws WorkbenchError `unsupported` if there is no room for the draws. */
  compile(inputs: readonly NoiseInput[]): NoiseProgram {
    const { heap } = this.pool;
    const pointers = inputs.map(({ shape }) => heap.allocate(4 * sizeOf(shape)));
    const table = this.pool.table(inputs.flatMap((input, i) => noiseRows(input, pointers[i]!)));
    return {
      outputs: inputs.map(({ name, shape }, i) => ({ name, shape, data: heap.floats(pointers[i]!, sizeOf(shape)) })),
      fill: (address) => this.pool.run(this.#kernels, table, address),
      dispose: () => [...pointers, table.pointer].forEach((pointer) => heap.free(pointer)),
    };
  }

  /** One draw, copied out. */
  draw(kind: NoiseKind, address: number, shape: readonly number[], at: NoiseAddress): Float32Array {
    const program = this.compile([{ name: 'draw', kind, address, shape }]);
    program.fill(at);
    const values = program.outputs[0]!.data.slice();
    program.dispose();
    return values;
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}

/** @param threads that work at once, the caller's included. */
export const openNoise = async (threads: number): Promise<NoiseGenerator> => new NoiseGenerator(await openPool(threads));
