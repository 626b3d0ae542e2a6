/** @file The passes of one step as data: compiled once, without the memory they will run in, so that they can be kept in a file. */
import { emitKernel, type Kernel, type NoiseFill } from '../../compiler/fusion/kernel';
import type { Cluster, Partition } from '../../compiler/fusion/partition';
import type { Node } from '../../compiler/graph';
import type { NoiseInput } from '../../compiler/trace';
import { encodePoolModule, generators } from './module';

/** A tensor that passes and core share. */
export interface Area {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A float32 that a pass is given: a graph of the schedule's scalars, or an output of the core. */
export type PassScalar = { readonly host: Node } | { readonly core: string };

/** One kernel of the module over all tensors of one size. */
export interface Pass {
  /** Elements of each tensor. */
  readonly size: number;
  readonly buffers: readonly string[];
  readonly scalars: readonly PassScalar[];
  /** Areas of one value that hold sums over all elements. */
  readonly sums: readonly string[];
}

/** Plain data throughout: no functions, no views of memory. */
export interface PassPlan {
  /** The pool's module with a kernel for each pass: those before, then those after. */
  readonly module: Uint8Array<ArrayBuffer>;
  readonly before: readonly Pass[];
  readonly after: readonly Pass[];
  /** What the core reads here, and what it leaves here. */
  readonly given: readonly Area[];
  readonly wanted: readonly Area[];
  /** Noise that the core reads and no pass makes. */
  readonly draws: readonly NoiseInput[];
}

/** @param needed names of the core's inputs. */
export function planPasses(partition: Partition, noise: readonly NoiseInput[], needed: ReadonlySet<string>): PassPlan {
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
  const passOf = ({ buffers, scalars }: Kernel, { size, sums }: Cluster): Pass => ({
    size,
    buffers,
    scalars: scalars.map((node) => (partition.hostScalars.has(node) ? { host: node } : { core: `core:${node.id}` })),
    sums: sums.map(({ id }) => `fused:${id}`),
  });
  const area = (name: string, { shape }: { readonly shape: readonly number[] }): Area => ({ name, shape });
  return {
    module: encodePoolModule([...before, ...after].map(({ code }) => code)),
    before: before.map((kernel, i) => passOf(kernel, partition.before[i]!)),
    after: after.map((kernel, i) => passOf(kernel, partition.after[i]!)),
    given: [
      ...noise.filter(({ name }) => read.has(name)).map((input) => area(input.name, input)),
      ...partition.before.flatMap(({ stores, sums }) => [
        ...stores.map(({ node, buffer }) => area(buffer, node)),
        ...sums.map((sum) => area(`fused:${sum.id}`, sum)),
      ]),
    ],
    wanted: Object.entries(partition.core).flatMap(([name, node]) => (name.startsWith('core:') ? [area(name, node)] : [])),
    draws,
  };
}
