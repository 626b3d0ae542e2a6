/** @file The passes of one program before and after its core, with the memory that passes and core share. */
import { evaluate } from '../../compiler/evaluate';
import { blockValues } from '../../compiler/fusion/kernel';
import { sizeOf, type Node } from '../../compiler/graph';
import { noiseRows } from '../noise/generator';
import { firstKernel } from './module';
import type { Area, Pass, PassPlan } from './pass-plan';
import type { Kernels, NoiseAddress, Pool, Table } from './pool';

type Buffer = { readonly shape: readonly number[]; readonly data: Float32Array };

/** A pass with its place in memory. */
interface Bound {
  readonly pass: Pass;
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
  readonly given: ReadonlyMap<string, Buffer>;
  /** Outputs of the core that belong here, by name. */
  readonly wanted: ReadonlyMap<string, Buffer>;
  readonly #allocated: number[] = [];
  readonly #before: readonly Bound[];
  readonly #after: readonly Bound[];
  readonly #kernels: Kernels;
  readonly #tables: { readonly before: Table; readonly after: Table };

  /** @throws WorkbenchError `unsupported` if there is no room. */
  constructor(
    private readonly pool: Pool,
    { module, before, after, given, wanted, draws }: PassPlan,
  ) {
    const buffers = (areas: readonly Area[]) => new Map(areas.map(({ name, shape }) => [name, this.#buffer(shape)]));
    this.given = buffers(given);
    this.wanted = buffers(wanted);
    const bind = (pass: Pass): Bound => {
      const sums = this.#buffer([Math.ceil(pass.size / blockValues) * 4 * pass.sums.length]).data;
      return { pass, arguments: this.#allocate(4 * (pass.buffers.length + pass.scalars.length + 1)), sums };
    };
    this.#before = before.map(bind);
    this.#after = after.map(bind);
    this.#kernels = pool.load(module);
    const rows = (bound: readonly Bound[], start: number) => bound.flatMap((own, i) => kernelRows(firstKernel + start + i, own));
    const drawn = draws.flatMap((input) => noiseRows(input, this.given.get(input.name)!.data.byteOffset));
    this.#tables = { before: pool.table([...rows(this.#before, 0), ...drawn]), after: pool.table(rows(this.#after, before.length)) };
    this.#allocated.push(this.#tables.before.pointer, this.#tables.after.pointer);
  }

  before(inputs: StepInputs): void {
    for (const bound of this.#before) this.#bind(bound, inputs);
    this.pool.run(this.#kernels, this.#tables.before, inputs.noise);
    for (const { pass, sums } of this.#before) for (const [i, name] of pass.sums.entries()) this.given.get(name)!.data[0] = total(sums, i, pass.sums.length);
  }

  after(inputs: StepInputs): void {
    for (const bound of this.#after) this.#bind(bound, inputs);
    this.pool.run(this.#kernels, this.#tables.after, inputs.noise);
  }

  dispose(): void {
    this.pool.unload(this.#kernels);
    for (const pointer of this.#allocated.splice(0)) this.pool.heap.free(pointer);
  }

  #bind({ pass: { buffers, scalars }, arguments: pointer, sums }: Bound, { hyper, leaf }: StepInputs): void {
    const words = this.pool.heap.words(pointer, buffers.length + scalars.length + 1);
    buffers.forEach((name, i) => (words[i] = this.#place(name, leaf)));
    const inputs = Object.fromEntries(Object.entries(hyper).map(([name, value]) => [`hyper:${name}`, [value]]));
    const known = scalars.flatMap((scalar) => ('host' in scalar ? [scalar.host] : []));
    const values = new Map(evaluate(known, inputs).map(([value], i): [Node, number] => [known[i]!, value!]));
    this.pool.heap
      .floats(pointer + 4 * buffers.length, scalars.length)
      .set(scalars.map((scalar) => ('host' in scalar ? values.get(scalar.host)! : this.wanted.get(scalar.core)!.data[0]!)));
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

function kernelRows(kind: number, { pass: { size }, arguments: pointer }: Bound): number[][] {
  const rows: number[][] = [];
  for (let first = 0; first < size; first += rowBlocks * blockValues) rows.push([kind, pointer, Math.min(size - first, rowBlocks * blockValues), first, 0]);
  return rows;
}

/** Sum of the given column of four lanes, in the order of the blocks whoever made them. */
function total(sums: Float32Array, column: number, columns: number): number {
  let sum = 0;
  for (let i = 4 * column; i < sums.length; i += 4 * columns) for (let lane = 0; lane < 4; lane++) sum += sums[i + lane]!;
  return sum;
}
