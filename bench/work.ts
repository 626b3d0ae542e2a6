/** @file What a traced step must do whatever executes it. */
import { is, reachable, sizeOf, type Node, type OpName } from '../src-main/engine/compiler/graph';
import type { Cluster } from '../src-main/engine/compiler/fusion/partition';
import type { TracedStep } from '../src-main/engine/compiler/trace';
import type { ProgramShapes } from '../src-main/engine/backends/device';

/** What one step must do whatever the implementation. */
export interface Work {
  readonly flops: number;
  readonly bytes: number;
  readonly normals: number;
}

const products: ReadonlySet<OpName> = new Set<OpName>(['matMul', 'convolution', 'convolutionTranspose']);
const views: ReadonlySet<OpName> = new Set<OpName>(['reshape', 'transpose', 'expand', 'slice']);

/** Floating point operations of a matrix product or a convolution; 0 for anything else. */
export function flopsOf(node: Node): number {
  const [a, b] = node.inputs;
  if (is(node, 'matMul')) return 2 * sizeOf(node.shape) * a!.shape.at(node.attributes.transposeA ? -2 : -1)!;
  if (is(node, 'convolution')) return 2 * sizeOf(node.shape) * sizeOf(b!.shape.slice(1));
  return is(node, 'convolutionTranspose') ? 2 * sizeOf(a!.shape) * sizeOf(b!.shape.slice(1)) : 0;
}

const memoryOf = (node: Node): Node => (views.has(node.op) ? memoryOf(node.inputs[0]!) : node);

/**
 * Every operand of a product is read for it, and written once if it is computed; noise is written and read; the state is read, and
 * written where it changes. Whatever else there is could be done on the way.
 */
export function workOf(traced: TracedStep, { state }: ProgramShapes): Work {
  const done = reachable([...Object.values(traced.state), ...Object.values(traced.info)]).filter(({ op }) => products.has(op));
  const read = done.flatMap(({ inputs }) => inputs.map(memoryOf));
  const written = [...new Set(read)].filter((node) => !is(node, 'input') && !is(node, 'constant'));
  const values = (nodes: readonly Node[]) => nodes.reduce((total, { shape }) => total + sizeOf(shape), 0);
  const drawn = traced.noise.reduce((total, { shape }) => total + sizeOf(shape), 0);
  const held = Object.values(state).reduce((total, { shape }) => total + sizeOf(shape), 0);
  return {
    flops: done.reduce((total, node) => total + flopsOf(node), 0),
    bytes: 4 * (values(read) + values(written) + 2 * drawn + held + values(Object.values(traced.state))),
    normals: traced.noise.filter(({ kind }) => kind === 'normal').reduce((total, { shape }) => total + sizeOf(shape), 0),
  };
}

const bytesOf = (nodes: Iterable<Node>): number => 4 * [...nodes].reduce((total, { shape }) => total + sizeOf(shape), 0);
type Graph = { readonly [name: string]: Node };

/** Of fused passes: each buffer that they need is read once and what they store is written once. Noise comes on top. */
export function workOfPasses(clusters: readonly Cluster[]): Work {
  const bytes = clusters.map(({ buffers, stores, sums }) => {
    const read = new Set<Node>();
    const visit = (node: Node): void => {
      if (read.has(node) || sizeOf(node.shape) === 1) return;
      if (buffers.has(node)) read.add(node);
      else node.inputs.forEach(visit);
    };
    [...stores.map(({ node }) => node), ...sums].forEach(visit);
    return bytesOf([...read].filter((node) => !buffers.get(node)!.startsWith('noise:'))) + bytesOf(stores.map(({ node }) => node));
  });
  return { flops: 0, bytes: bytes.reduce((all, own) => all + own, 0), normals: 0 };
}

/** Of matrix products and convolutions: operands read, results written. */
export function workOfProducts(graph: Graph): Work {
  const done = reachable(Object.values(graph)).filter(({ op }) => products.has(op));
  return { flops: done.reduce((total, node) => total + flopsOf(node), 0), bytes: bytesOf(done.flatMap((node) => [node, ...node.inputs])), normals: 0 };
}

/** Of everything else that computes, each operation by itself. */
export function workOfRest(graph: Graph): Work {
  const done = reachable(Object.values(graph)).filter(({ op, inputs }) => inputs.length > 0 && !products.has(op) && !['reshape', 'expand'].includes(op));
  return { flops: 0, bytes: bytesOf(done.flatMap((node) => [node, ...node.inputs])), normals: 0 };
}
