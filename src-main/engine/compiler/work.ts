/** @file What a traced step must do whatever executes it. */
import { is, reachable, sizeOf, type Node, type OpName } from './graph';
import type { StepShapes, TracedStep } from './trace';

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

export const products: ReadonlySet<OpName> = new Set<OpName>(['matMul', 'convolution', 'convolutionTranspose']);
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

export const productsOf = (nodes: readonly Node[]): Pick<Work, 'flops' | 'convolutions'> => ({
  flops: nodes.reduce((total, node) => total + flopsOf(node), 0),
  convolutions: nodes.flatMap(convolutionsOf),
});

const memoryOf = (node: Node): Node => (views.has(node.op) ? memoryOf(node.inputs[0]!) : node);

/**
 * Every operand of a product is read for it, and written once if it is computed; noise is written and read; the state is read, and
 * written where it changes. Whatever else there is could be done on the way.
 */
export function workOf(traced: TracedStep, { state }: StepShapes): Work {
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
