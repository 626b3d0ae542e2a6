/** @file Builds graphs simplified: each constructor folds constants, shares equal nodes and keeps broadcasts lazy. */
import { invariant } from '../../contract/errors';
import { simplifyBinary } from './algebra';
import { evaluateNode } from './evaluate';
import { beforeFlattening, beforeTranspose, insideProduct, matrixOperand, padded, peel } from './layout';
import {
  broadcast,
  comparisonOps,
  is,
  sameShape,
  sizeOf,
  type Attributes,
  type BinaryOp,
  type DType,
  type Node,
  type OpName,
  type ReductionOp,
  type Shape,
  type UnaryOp,
} from './graph';
import { isSpread } from './window-algebra';

/** Results of folding above this many values stay computations. */
const foldLimit = 4096;

const none = {};
const predicates: ReadonlySet<string> = new Set(['not', 'isNaN', ...comparisonOps]);

export class Builder {
  readonly #known = new Map<string, Node>();

  input(name: string, shape: Shape, dtype: DType): Node {
    return this.#node('input', [], { name }, shape, dtype);
  }

  constant(values: readonly number[], shape: Shape, dtype: DType): Node {
    const uniform = values.length > 1 && values.every((value) => Object.is(value, values[0]));
    return uniform ? this.fill(values[0]!, shape, dtype) : this.#node('constant', [], { values }, shape, dtype);
  }

  fill(value: number, shape: Shape, dtype: DType = 'float32'): Node {
    return this.expand(this.#node('constant', [], { values: [dtype === 'int32' ? Math.trunc(value) : value] }, [], dtype), shape);
  }

  unary(op: UnaryOp, x: Node): Node {
    return this.#elementwise([x], x.shape, (inner) => this.#node(op, [inner], none, inner.shape, predicates.has(op) ? 'bool' : inner.dtype));
  }

  cast(x: Node, dtype: DType): Node {
    return x.dtype === dtype ? x : this.#elementwise([x], x.shape, (inner) => this.#node('cast', [inner], none, inner.shape, dtype));
  }

  binary(op: BinaryOp, a: Node, b: Node): Node {
    const shape = broadcast(a.shape, b.shape);
    invariant(shape, `${op} of shapes [${a.shape.join()}] and [${b.shape.join()}]`);
    return this.#elementwise(
      [a, b],
      shape,
      (x, y) => simplifyBinary(this, op, x, y) ?? this.#node(op, [x, y], none, broadcast(x.shape, y.shape)!, predicates.has(op) ? 'bool' : x.dtype),
    );
  }

  select(condition: Node, then: Node, otherwise: Node): Node {
    const shape = broadcast(condition.shape, broadcast(then.shape, otherwise.shape)!)!;
    return this.#elementwise([condition, then, otherwise], shape, (c, x, y) =>
      x === y ? x : this.#node('select', [c, x, y], none, broadcast(c.shape, broadcast(x.shape, y.shape)!)!, x.dtype),
    );
  }

  expand(x: Node, shape: Shape): Node {
    return sameShape(x.shape, shape) ? x : this.#node('expand', [peel(x)], none, shape, x.dtype);
  }

  reshape(x: Node, shape: Shape): Node {
    if (sameShape(x.shape, shape)) return x;
    if (is(x, 'reshape')) return this.reshape(x.inputs[0]!, shape);
    if (is(x, 'expand')) {
      // Where only axes of length 1 come and go, the broadcast stays lazy.
      const long = (s: Shape) => s.flatMap((n, axis) => (n === 1 ? [] : [axis]));
      const [from, to] = [long(x.shape), long(shape)];
      const inner = padded(this, x);
      if (from.length === to.length && from.every((axis, i) => x.shape[axis] === shape[to[i]!])) {
        const position = new Map(to.map((axis, i) => [axis, inner.shape[from[i]!]!]));
        return this.expand(
          this.reshape(
            inner,
            shape.map((_, axis) => position.get(axis) ?? 1),
          ),
          shape,
        );
      }
      if (sizeOf(inner.shape) === 1) return this.expand(this.reshape(inner, []), shape);
    }
    return this.#node('reshape', [x], none, shape, x.dtype);
  }

  transpose(x: Node, perm: readonly number[]): Node {
    const shape = perm.map((axis) => x.shape[axis]!);
    if (is(x, 'expand')) return this.expand(this.transpose(padded(this, x), perm), shape);
    if (is(x, 'transpose'))
      return this.transpose(
        x.inputs[0]!,
        perm.map((axis) => x.attributes.perm[axis]!),
      );
    const moved = perm.filter((axis) => x.shape[axis] !== 1);
    if (moved.every((axis, i) => i === 0 || moved[i - 1]! < axis)) return this.reshape(x, shape);
    return insideProduct(this, x, perm) ?? this.#node('transpose', [x], { perm }, shape, x.dtype);
  }

  slice(x: Node, begin: readonly number[], shape: Shape): Node {
    if (sameShape(x.shape, shape)) return x;
    if (is(x, 'expand')) {
      const inner = padded(this, x);
      const own = inner.shape.map((n, axis) => n === x.shape[axis]);
      return this.expand(
        this.slice(
          inner,
          begin.map((first, axis) => (own[axis] ? first : 0)),
          shape.map((n, axis) => (own[axis] ? n : 1)),
        ),
        shape,
      );
    }
    if (is(x, 'concat')) {
      const { axis } = x.attributes;
      let first = begin[axis]!;
      for (const part of x.inputs) {
        const length = part.shape[axis]!;
        if (first < length && first + shape[axis]! <= length)
          return this.slice(
            part,
            begin.map((b, a) => (a === axis ? first : b)),
            shape,
          );
        first -= length;
        if (first < 0) break;
      }
    }
    return this.#node('slice', [x], { begin }, shape, x.dtype);
  }

  concat(parts: readonly Node[], axis: number): Node {
    if (parts.length === 1) return parts[0]!;
    const total = parts.reduce((length, part) => length + part.shape[axis]!, 0);
    return this.#node('concat', parts, { axis }, parts[0]!.shape.with(axis, total), parts[0]!.dtype);
  }

  /** Keeps the reduced axes, with length 1. */
  reduce(op: ReductionOp, x: Node, axes: readonly number[]): Node {
    const shape = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
    if (sameShape(shape, x.shape)) return x;
    if (is(x, 'expand') && op !== 'reduceProd') {
      const inner = padded(this, x);
      const repeated = axes.filter((axis) => inner.shape[axis] === 1);
      if (repeated.length > 0) {
        const times = op === 'reduceSum' ? sizeOf(repeated.map((axis) => x.shape[axis]!)) : 1;
        const reduced = this.binary('mul', this.reduce(op, inner, axes), this.fill(times, [], x.dtype));
        return this.expand(reduced, shape);
      }
    }
    if (is(x, 'transpose')) {
      const { perm } = x.attributes;
      const reduced = this.reduce(
        op,
        x.inputs[0]!,
        axes.map((axis) => perm[axis]!),
      );
      return this.transpose(reduced, perm);
    }
    if (op === 'reduceSum' && isSpread(x, axes)) return this.reduce(op, x.inputs[0]!, axes);
    if (is(x, 'mul') && op === 'reduceSum') {
      // Σ s x = s Σ x saves a pass over x.
      const [a, b] = x.inputs as [Node, Node];
      if (sizeOf(b.shape) === 1 && sizeOf(a.shape) > 1) return this.binary('mul', this.reduce(op, this.#reshaped(a, x.shape), axes), b);
    }
    return this.#node(op, [x], { axes: axes.filter((axis) => x.shape[axis] !== 1) }, shape, x.dtype);
  }

  gather(x: Node, indices: Node, axis: number): Node {
    return this.#node('gather', [x, indices], { axis }, [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)], x.dtype);
  }

  segmentSum(x: Node, segments: Node, count: number): Node {
    return this.#node('segmentSum', [x, segments], none, [count, ...x.shape.slice(1)], x.dtype);
  }

  argMax(x: Node, axis: number): Node {
    return this.#node('argMax', [x], { axis }, x.shape.toSpliced(axis, 1), 'int32');
  }

  matMul(a: Node, b: Node, transposeA: boolean, transposeB: boolean): Node {
    const flat = beforeFlattening(this, a, b, transposeA, transposeB);
    if (flat) return flat;
    const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const shape = [...batch!, a.shape.at(transposeA ? -1 : -2)!, b.shape.at(transposeB ? -2 : -1)!];
    const [left, right] = [matrixOperand(this, a, transposeA), matrixOperand(this, b, transposeB)];
    const inner = broadcast(left.node.shape.slice(0, -2), right.node.shape.slice(0, -2))!;
    const product = this.#node(
      'matMul',
      [left.node, right.node],
      { transposeA: left.transposed, transposeB: right.transposed },
      [...inner, ...shape.slice(-2)],
      a.dtype,
    );
    return this.expand(this.reshape(product, sizeOf(product.shape) === sizeOf(shape) ? shape : product.shape), shape);
  }

  /** An operation of float32 that is shared and folded, but not rewritten. */
  operation<Op extends OpName>(op: Op, inputs: readonly Node[], attributes: Attributes[Op], shape: Shape): Node {
    return this.#node(op, inputs, attributes, shape, 'float32');
  }

  /** f of the operands, with the broadcasts and transposes that can wait done after it. */
  #elementwise<Operands extends readonly Node[]>(operands: readonly [...Operands], shape: Shape, f: (...operands: Operands) => Node): Node {
    const inner = operands.map(peel) as unknown as Operands;
    const turned = beforeTranspose(this, inner);
    return this.expand(turned ? this.transpose(f(...(turned.operands as Operands)), turned.perm) : f(...inner), shape);
  }

  #reshaped(x: Node, shape: Shape): Node {
    return sizeOf(x.shape) === sizeOf(shape) ? this.reshape(x, shape) : this.expand(x, shape);
  }

  #node<Op extends OpName>(op: Op, inputs: readonly Node[], attributes: Attributes[Op], shape: Shape, dtype: DType): Node {
    const key = JSON.stringify([op, inputs.map(({ id }) => id), attributes, shape, dtype], (_key, value: unknown) =>
      typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)) ? `${Object.is(value, -0) ? '-0' : value}` : value,
    );
    const known = this.#known.get(key);
    if (known) return known;
    const node: Node<Op> = { id: this.#known.size, op, inputs, attributes, shape, dtype };
    const folds = inputs.length > 0 && op !== 'expand' && sizeOf(shape) <= foldLimit && inputs.every((input) => is(input, 'constant'));
    const result = folds
      ? this.constant(
          [
            ...evaluateNode(
              node as Node,
              inputs.map((input) => Float64Array.from((input as Node<'constant'>).attributes.values)),
            ),
          ],
          shape,
          dtype,
        )
      : (node as Node);
    this.#known.set(key, result);
    return result;
  }
}
