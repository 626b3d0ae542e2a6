/** @file Algebraic rewriting around convolution and pooling. */
import { is, sizeOf, type Attributes, type BinaryOp, type DType, type Node, type OpName, type Shape } from './graph';

/** What rewriting builds with. */
export interface WindowAlgebra {
  fill(value: number, shape: Shape, dtype?: DType): Node;
  cast(x: Node, dtype: DType): Node;
  binary(op: BinaryOp, a: Node, b: Node): Node;
  reshape(x: Node, shape: Shape): Node;
  operation<Op extends OpName>(op: Op, inputs: readonly Node[], attributes: Attributes[Op], shape: Shape): Node;
}

/** conv(x, w) + b, b one value per channel: the convolution adds it while it writes. */
export function withBias(graph: WindowAlgebra, a: Node, b: Node): Node | undefined {
  if (!is(a, 'convolution') || a.inputs.length > 2 || b.shape.length !== 4 || b.shape[1] !== sizeOf(b.shape) || b.shape[1] !== a.shape[1]) return undefined;
  return graph.operation('convolution', [...a.inputs, graph.reshape(b, [b.shape[1]])], a.attributes, a.shape);
}

/** x, of a mask [x > 0] as floats. */
function positive(mask: Node): Node | undefined {
  const comparison = is(mask, 'cast') ? mask.inputs[0]! : undefined;
  if (!comparison || !is(comparison, 'greater')) return undefined;
  const [x, zero] = comparison.inputs as [Node, Node];
  return is(zero, 'constant') && zero.attributes.values.length === 1 && zero.attributes.values[0] === 0 ? x : undefined;
}

/** pool'(dy) · [x > 0] = pool'(dy · [pool(x) > 0]), as each dy goes to a largest value: a pass over the windows instead of the pixels. */
export function masked(graph: WindowAlgebra, a: Node, b: Node): Node | undefined {
  if (!is(a, 'maxPoolGrad')) return undefined;
  const [dy, pooled, images] = a.inputs as [Node, Node, Node];
  if (positive(b) !== images) return undefined;
  const mask = graph.cast(graph.binary('greater', pooled, graph.fill(0, [])), 'float32');
  return graph.operation('maxPoolGrad', [graph.binary('mul', dy, mask), pooled, images], {}, a.shape);
}

/** Σ pool'(dy) over each image = Σ dy: whether x is such a pool's gradient, and these axes take in whole images. */
export const isSpread = (x: Node, axes: readonly number[]): x is Node<'maxPoolGrad'> => is(x, 'maxPoolGrad') && axes.includes(2) && axes.includes(3);
