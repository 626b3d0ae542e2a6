/** @file The passes of one program before and after its core, with the memory that passes and core share. */
import { evaluate } from '../../compiler/evaluate';
import { sizeOf, type Node } from '../../compiler/graph';
import { blockValues, emitKernel, type Kernel, type NoiseFill } from '../../compiler/fusion/kernel';
import type { Cluster, Partition } from '../../compiler/fusion/partition';
import type { NoiseInput } from '../../compiler/trace';
import { noiseRows } from '../noise/generator';
import { firstKernel, generators } from './module';
import type { Kernels, NoiseAddress, Pool, Table } from './pool';

type Buffer = { readonly shape: readonly number[]; readonly data: Float32Array };

interface Bound {
  readonly kernel: Kernel;
  readonly cluster: Cluster;
  readonly arguments: number;
  readonly sums: Float32Array;
}

/** Blocks of one row. */
const rowBlocks = 8;

export interface StepInputs {
  readonly noise: NoiseAddress;
  readonly hyper: { readonly [name: string]: number };
  leaf(path: string): { readonly byteOffset: number };
}

export class Passes {
  /** Inputs of the core that lie here, by name. */
  readonly given = new Map<string, Buffer>();
  /** Outputs of the core that belong here, by name. */
  readonly wanted = new Map<string, Buffer>();
  readonly #allocated: number[] = [];
  readonly #before: readonly Bound[];
  readonly #after: readonly Bound[];
  readonly #kernels: Kernels;
  readonly #tables: { readonly before: Table; readonly after: Table };

  /** @param needed names of the core's inputs. */
  constructor(
    private readonly pool: Pool,
    private readonly partition: Partition,
    noise: readonly NoiseInput[],
    needed: ReadonlySet<string>,
  ) {
    const fills = new Map(noise.map(({ name, kind, address }): [string, NoiseFill] => [name, { generator: generators[kind], address }]));
    const emit = (cluster: Cluster): Kernel => {
      const kernel = emitKernel(cluster, fills);
      for (const name of kernel.buffers) fills.delete(name); // made now
      return kernel;
    };
    const before = partition.before.map(emit);
    const draws = noise.filter(({ name }) => fills.has(name) && needed.has(name));
    for (const { name } of draws) fills.delete(name);
    const after = partition.after.map(emit);
    const read = new Set([...needed, ...[...before, ...after].flatMap(({ buffers }) => buffers)]);

    for (const { name, shape } of noise) if (read.has(name)) this.given.set(name, this.#buffer(shape));
    for (const { stores, sums } of partition.before) {
      for (const { node, buffer } of stores) this.given.set(buffer, this.#buffer(node.shape));
      for (const sum of sums) this.given.set(`fused:${sum.id}`, this.#buffer(sum.shape));
    }
    for (const [name, node] of Object.entries(partition.core)) if (name.startsWith('core:')) this.wanted.set(name, this.#buffer(node.shape));

    const bind = (kernel: Kernel, cluster: Cluster): Bound => {
      const sums = this.#buffer([Math.ceil(cluster.size / blockValues) * 4 * cluster.sums.length]).data;
      return { kernel, cluster, arguments: this.#allocate(4 * (kernel.buffers.length + kernel.scalars.length + 1)), sums };
    };
    this.#before = before.map((kernel, i) => bind(kernel, partition.before[i]!));
    this.#after = after.map((kernel, i) => bind(kernel, partition.after[i]!));
    this.#kernels = pool.load([...before, ...after].map(({ code }) => code));
    const rows = (bound: readonly Bound[], start: number) => bound.flatMap((own, i) => kernelRows(firstKernel + start + i, own));
    const drawn = draws.flatMap((input) => noiseRows(input, this.given.get(input.name)!.data.byteOffset));
    this.#tables = { before: pool.table([...rows(this.#before, 0), ...drawn]), after: pool.table(rows(this.#after, before.length)) };
    this.#allocated.push(this.#tables.before.pointer, this.#tables.after.pointer);
  }

  before(inputs: StepInputs): void {
    for (const bound of this.#before) this.#bind(bound, inputs);
    this.pool.run(this.#kernels, this.#tables.before, inputs.noise);
    for (const { cluster, sums } of this.#before)
      for (const [i, { id }] of cluster.sums.entries()) this.given.get(`fused:${id}`)!.data[0] = total(sums, i, cluster.sums.length);
  }

  after(inputs: StepInputs): void {
    for (const bound of this.#after) this.#bind(bound, inputs);
    this.pool.run(this.#kernels, this.#tables.after, inputs.noise);
  }

  dispose(): void {
    this.pool.unload(this.#kernels);
    for (const pointer of this.#allocated.splice(0)) this.pool.heap.free(pointer);
  }

  #bind({ kernel, arguments: pointer, sums }: Bound, { hyper, leaf }: StepInputs): void {
    const { buffers, scalars } = kernel;
    const words = this.pool.heap.words(pointer, buffers.length + scalars.length + 1);
    buffers.forEach((name, i) => (words[i] = this.#place(name, leaf)));
    const inputs = Object.fromEntries(Object.entries(hyper).map(([name, value]) => [`hyper:${name}`, [value]]));
    const known = scalars.filter((node) => this.partition.hostScalars.has(node));
    const values = new Map(evaluate(known, inputs).map(([value], i): [Node, number] => [known[i]!, value!]));
    this.pool.heap
      .floats(pointer + 4 * buffers.length, scalars.length)
      .set(scalars.map((node) => values.get(node) ?? this.wanted.get(`core:${node.id}`)!.data[0]!));
    words[words.length - 1] = sums.byteOffset;
  }

  #place(name: string, leaf: StepInputs['leaf']): number {
    if (name.startsWith('state:')) return leaf(name.slice('state:'.length)).byteOffset;
    return (this.given.get(name) ?? this.wanted.get(name))!.data.byteOffset;
  }

  #allocate(bytes: number): number {
    const pointer = this.pool.heap.allocate(bytes);
    this.#allocated.push(pointer);
    return pointer;
  }

  #buffer(shape: readonly number[]): Buffer {
    return { shape, data: this.pool.heap.floats(this.#allocate(4 * sizeOf(shape)), sizeOf(shape)) };
  }
}

function kernelRows(kind: number, { cluster: { size }, arguments: pointer }: Bound): number[][] {
  const rows: number[][] = [];
  for (let first = 0; first < size; first += rowBlocks * blockValues) rows.push([kind, pointer, first, Math.min(size - first, rowBlocks * blockValues), 0]);
  return rows;
}

/** Sum of the given column of four lanes, in the order of the blocks whoever made them. */
function total(sums: Float32Array, column: number, columns: number): number {
  let sum = 0;
  for (let i = 4 * column; i < sums.length; i += 4 * columns) for (let lane = 0; lane < 4; lane++) sum += sums[i + lane]!;
  return sum;
}
