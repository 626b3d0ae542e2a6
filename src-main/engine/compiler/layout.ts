/** @file Broadcasts and transposes move behind what can do without them, until they are absorbed or meet their inverse. */
import { is, padShape, sameShape, sizeOf, type Node, type Shape } from './graph';

/** What moving builds with. */
interface Moves {
  reshape(x: Node, shape: Shape): Node;
  transpose(x: Node, perm: readonly number[]): Node;
}

interface Products extends Moves {
  matMul(a: Node, b: Node, transposeA: boolean, transposeB: boolean): Node;
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
 * vary along one axis at most, and some products, are turned at little cost. Undefined if there is no such transpose.
 */
export function beforeTranspose(graph: Products, operands: readonly Node[]): { operands: readonly Node[]; perm: readonly number[] } | undefined {
  const first = operands.find((x) => is(x, 'transpose')) as Node<'transpose'> | undefined;
  if (!first) return undefined;
  const { perm } = first.attributes;
  const turned = operands.map((x) => {
    if (is(x, 'transpose') && x.attributes.perm.join() === perm.join()) return x.inputs[0]!;
    if (x.shape.length > perm.length) return undefined;
    if (sizeOf(x.shape) === 1) return x;
    const small = x.shape.filter((n) => n > 1).length <= 1;
    if (small) return graph.transpose(graph.reshape(x, padShape(x.shape, perm.length)), inverse(perm));
    return x.shape.length === perm.length ? insideProduct(graph, x, inverse(perm)) : undefined;
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

/**
 * A product whose left matrix has flattened images for rows, turned by a transpose: one of the images before it. The rows of the other
 * matrix, or of the result, move instead: whole rows, not single values. Undefined where there is no such transpose.
 */
export function beforeFlattening(graph: Products, a: Node, b: Node, transposeA: boolean, transposeB: boolean): Node | undefined {
  const turned = is(a, 'reshape') ? a.inputs[0]! : a;
  if (!is(turned, 'transpose') || !isWithinRows(turned.attributes.perm, turned, a) || b.shape.length !== 2) return undefined;
  const images = turned.inputs[0]!;
  const rows = graph.reshape(images, a.shape);
  if (transposeA) return turnRows(graph, graph.matMul(rows, b, true, transposeB), images.shape, turned.attributes.perm);
  return transposeB ? undefined : graph.matMul(rows, turnRows(graph, b, turned.shape, inverse(turned.attributes.perm)), false, false);
}

/** A transpose of images that are the rows of a product a bᵀ: the rows of b move instead. */
export function insideProduct(graph: Products, x: Node, perm: readonly number[]): Node | undefined {
  const product = is(x, 'reshape') ? x.inputs[0]! : x;
  if (!is(product, 'matMul') || !product.attributes.transposeB || !isWithinRows(perm, x, product)) return undefined;
  const [a, b] = product.inputs as [Node, Node];
  const turned = graph.matMul(a, turnRows(graph, b, x.shape, perm), product.attributes.transposeA, true);
  return graph.reshape(
    turned,
    perm.map((axis) => x.shape[axis]!),
  );
}

/** Whether a transpose leaves every image what its row of the matrix is. */
const isWithinRows = (perm: readonly number[], images: Node, matrix: Node): boolean =>
  matrix.shape.length === 2 && perm[0] === 0 && images.shape[0] === matrix.shape[0];

/** The rows of a matrix in the order that the values of an image have, one for each row, after the transpose of images of this shape. */
function turnRows(graph: Moves, matrix: Node, [, ...image]: Shape, [, ...perm]: readonly number[]): Node {
  const apart = graph.reshape(matrix, [...image, matrix.shape[1]!]);
  return graph.reshape(graph.transpose(apart, [...perm.map((axis) => axis - 1), perm.length]), matrix.shape);
}
