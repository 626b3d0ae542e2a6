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
  /** Their multiplications and traffic are counted here alone: they are too thin for the rates of the others. */
  readonly convolutions?: readonly Product[];
}

/** Matrix products [count, rows, inner] · [count, inner, columns]. */
export type Product = readonly [count: number, rows: number, inner: number, columns: number];

const products: ReadonlySet<OpName> = new Set<OpName>(['matMul', 'convolution', 'convolutionTranspose']);
const views: ReadonlySet<OpName> = new Set<OpName>(['reshape', 'transpose', 'expand', 'slice']);

/** Floating point operations of a matrix product; 0 for anything else. */
const flopsOf = (node: Node): number => {
  if (!is(node, 'matMul')) return 0;
  return 2 * sizeOf(node.shape) * node.inputs[0]!.shape.at(node.attributes.transposeA ? -2 : -1)!;
};

/** What a convolution multiplies once its windows lie side by side; none for anything else. */
function convolutionsOf(node: Node): Product[] {
  if (!is(node, 'convolution') && !is(node, 'convolutionTranspose')) return [];
  const [x, filter] = node.inputs as [Node, Node];
  const taps = sizeOf(filter.shape.slice(1));
  if (is(node, 'convolutionTranspose')) return [[1, sizeOf(x.shape) / filter.shape[0]!, filter.shape[0]!, taps]];
  const { groups } = node.attributes as Node<'convolution'>['attributes'];
  return [[groups, sizeOf(node.shape) / filter.shape[0]!, taps, filter.shape[0]! / groups]];
}

const productsOf = (nodes: readonly Node[]): Pick<Work, 'flops' | 'convolutions'> => ({
  flops: nodes.reduce((total, node) => total + flopsOf(node), 0),
  convolutions: nodes.flatMap(convolutionsOf),
});

const memoryOf = (node: Node): Node => (views.has(node.op) ? memoryOf(node.inputs[0]!) : node);

/**
 * Every operand of a product is read for it, and written once if it is computed; noise is written and read; the state is read, and
 * written where it changes. Whatever else there is could be done on the way.
 */
export function workOf(traced: TracedStep, { state }: ProgramShapes): Work {
  const done = reachable([...Object.values(traced.state), ...Object.values(traced.info)]).filter(({ op }) => products.has(op));
  const read = done.filter(({ op }) => op === 'matMul').flatMap(({ inputs }) => inputs.map(memoryOf));
  const written = [...new Set(read)].filter((node) => !is(node, 'input') && !is(node, 'constant'));
  const values = (nodes: readonly Node[]) => nodes.reduce((total, { shape }) => total + sizeOf(shape), 0);
  const drawn = traced.noise.reduce((total, { shape }) => total + sizeOf(shape), 0);
  const held = Object.values(state).reduce((total, { shape }) => total + sizeOf(shape), 0);
  return {
    ...productsOf(done),
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
  return { ...productsOf(done), bytes: bytesOf(done.filter(({ op }) => op === 'matMul').flatMap((node) => [node, ...node.inputs])), normals: 0 };
}

/** Of everything else that computes, each operation by itself. */
export function workOfRest(graph: Graph): Work {
  const done = reachable(Object.values(graph)).filter(({ op, inputs }) => inputs.length > 0 && !products.has(op) && !['reshape', 'expand'].includes(op));
  return { flops: 0, bytes: bytesOf(done.flatMap((node) => [node, ...node.inputs])), normals: 0 };
}
