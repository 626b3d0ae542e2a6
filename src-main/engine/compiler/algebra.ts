/** @file Algebraic rewriting of elementwise operations, so that large tensors are passed over as seldom as possible. */
import { broadcast, is, sizeOf, type BinaryOp, type Node, type Shape, type UnaryOp } from './graph';
import { masked, withBias, type WindowAlgebra } from './window-algebra';

/** What rewriting builds with. */
interface Arithmetic extends WindowAlgebra {
  unary(op: UnaryOp, x: Node): Node;
  expand(x: Node, shape: Shape): Node;
}

/** The value of a constant of one element. */
export const valueOf = (node: Node): number | undefined => (is(node, 'constant') && sizeOf(node.shape) === 1 ? node.attributes.values[0] : undefined);

const smaller = (a: Node, b: Node): boolean => sizeOf(a.shape) < sizeOf(b.shape);
const isNegation = (node: Node): boolean => is(node, 'mul') && valueOf(node.inputs[1]!) === -1;

/** An equal, cheaper form of op(a, b), broadcast to at least one operand's shape; undefined if there is none. */
export function simplifyBinary(graph: Arithmetic, op: BinaryOp, a: Node, b: Node): Node | undefined {
  const shape = broadcast(a.shape, b.shape)!;
  const [left, right] = [valueOf(a), valueOf(b)];
  if (left !== undefined && right !== undefined) return undefined; // folded by the builder
  switch (op) {
    case 'add':
      if (right === 0) return graph.expand(a, shape);
      if (left !== undefined) return graph.binary('add', b, a);
      if (isNegation(b)) return graph.binary('sub', a, b.inputs[0]!);
      if (isNegation(a)) return graph.binary('sub', b, a.inputs[0]!);
      return withBias(graph, a, b);
    case 'sub':
      if (right === 0) return graph.expand(a, shape);
      if (left === 0) return graph.binary('mul', b, graph.fill(-1, [], b.dtype));
      if (right !== undefined) return graph.binary('add', a, graph.fill(-right, [], b.dtype));
      if (isNegation(b)) return graph.binary('add', a, b.inputs[0]!);
      return undefined;
    case 'mul': {
      if (right === 1) return graph.expand(a, shape);
      // The larger operand stands first, constants last.
      if (left !== undefined || (right === undefined && smaller(a, b))) return graph.binary('mul', b, a);
      // (x s) t = x (s t): one pass over the large x.
      if (is(a, 'mul') && smaller(b, a)) {
        const [x, s] = a.inputs as [Node, Node];
        if (smaller(s, x) && sizeOf(broadcast(s.shape, b.shape)!) < sizeOf(x.shape)) return graph.binary('mul', x, graph.binary('mul', s, b));
      }
      if (is(a, 'mul') && right !== undefined && valueOf(a.inputs[1]!) !== undefined)
        return graph.binary('mul', a.inputs[0]!, graph.binary('mul', a.inputs[1]!, b));
      return masked(graph, a, b);
    }
    case 'div':
      if (right === 1) return graph.expand(a, shape);
      if (a.dtype !== 'float32') return undefined;
      if (left === 1) return graph.unary('reciprocal', b);
      if (right !== undefined) return graph.binary('mul', a, graph.fill(1 / right, []));
      return smaller(b, a) ? graph.binary('mul', a, graph.unary('reciprocal', b)) : undefined;
    case 'pow':
      if (right === 1) return a;
      if (right === 2) return graph.binary('mul', a, a);
      if (right === 0.5) return graph.unary('sqrt', a);
      if (right === -1) return graph.unary('reciprocal', a);
      return undefined;
    default:
      return undefined;
  }
}
