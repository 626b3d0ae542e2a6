/** @file Broadcasts and transposes move behind what can do without them, until they are absorbed or meet their inverse. */
import { is, padShape, sameShape, sizeOf, type Node, type Shape } from './graph';

/** What moving builds with. */
interface Moves {
  reshape(x: Node, shape: Shape): Node;
  transpose(x: Node, perm: readonly number[]): Node;
}

/** What an `expand` broadcasts; any other node is itself. */
export const peel = (node: Node): Node => (is(node, 'expand') ? node.inputs[0]! : node);

/** What an `expand` broadcasts, with as many axes as the result. */
export function padded(graph: Moves, x: Node): Node {
  const inner = peel(x);
  return graph.reshape(inner, padShape(inner.shape, x.shape.length));
}

const inverse = (perm: readonly number[]): number[] => perm.map((_, axis) => perm.indexOf(axis));

/**
 * The operands of an elementwise operation before a transpose that they share: f(aᵀ, bᵀ) = f(a, b)ᵀ. Operands that
 * vary along one axis at most are turned at no cost. Undefined if there is no such transpose.
 */
export function beforeTranspose(graph: Moves, operands: readonly Node[]): { operands: readonly Node[]; perm: readonly number[] } | undefined {
  const first = operands.find((x) => is(x, 'transpose')) as Node<'transpose'> | undefined;
  if (!first) return undefined;
  const { perm } = first.attributes;
  const turned = operands.map((x) => {
    if (is(x, 'transpose') && x.attributes.perm.join() === perm.join()) return x.inputs[0]!;
    if (x.shape.length > perm.length) return undefined;
    if (sizeOf(x.shape) === 1) return x;
    const small = x.shape.filter((n) => n > 1).length <= 1;
    return small ? graph.transpose(graph.reshape(x, padShape(x.shape, perm.length)), inverse(perm)) : undefined;
  });
  return turned.every((x) => x !== undefined) ? { operands: turned, perm } : undefined;
}

/** A matrix operand without the broadcasts and transposes that the product can do itself. */
export function matrixOperand(graph: Moves, x: Node, transposed: boolean): { node: Node; transposed: boolean } {
  const matrix = x.shape.slice(-2);
  if (is(x, 'expand')) {
    const inner = padded(graph, x);
    if (sameShape(inner.shape.slice(-2), matrix)) return matrixOperand(graph, inner, transposed);
  }
  if (is(x, 'transpose')) {
    const { perm } = x.attributes;
    const rank = perm.length;
    if (perm.every((axis, i) => axis === (i < rank - 2 ? i : 2 * rank - 3 - i))) return matrixOperand(graph, x.inputs[0]!, !transposed);
  }
  const single = x.shape.length > 2 && sizeOf(x.shape.slice(0, -2)) === 1;
  return single ? matrixOperand(graph, graph.reshape(x, matrix), transposed) : { node: x, transposed };
}
