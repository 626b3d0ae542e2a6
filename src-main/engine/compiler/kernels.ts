/** @file What TF.js's kernels record: one entry per kernel, in terms of the graph's few operations. */
import type { DataType, NamedAttrMap } from '@tensorflow/tfjs-core';
import { WorkbenchError } from '../../contract/errors';
import type { Builder } from './builder';
import { sizeOf, type BinaryOp, type DType, type Node, type ReductionOp, type UnaryOp } from './graph';

/** Inputs by TF.js's names; lists as '0', '1', … */
export type KernelInputs = { readonly [name: string]: Node };
export type Kernel = (graph: Builder, inputs: KernelInputs, attributes: NamedAttrMap) => Node | Node[];

/** One operand, whatever its name. */
type Form = (graph: Builder, x: Node, attributes: NamedAttrMap) => Node;

const only = (inputs: KernelInputs): Node => Object.values(inputs)[0]!;
const single =
  (form: Form): Kernel =>
  (graph, inputs, attributes) =>
    form(graph, only(inputs), attributes);
const unary = (op: UnaryOp): Kernel => single((graph, x) => graph.unary(op, x));
const pair =
  (form: (graph: Builder, a: Node, b: Node) => Node): Kernel =>
  (graph, { a, b }) =>
    form(graph, a!, b!);
const binary = (op: BinaryOp): Kernel => pair((graph, a, b) => graph.binary(op, a, b));

/** The graph's dtype of a TF.js dtype. */
export function dtypeOf(dtype: DataType): DType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new WorkbenchError('unsupported', `Tensors of type ${dtype} cannot be compiled; use float32, int32 or bool`);
}

const scalar = (graph: Builder, value: number, like: Node): Node => graph.fill(value, [], like.dtype);
const axisOf = (axis: unknown, x: Node): number => ((axis as number) + x.shape.length) % x.shape.length;
const axesOf = (axis: unknown, x: Node): number[] => (axis === undefined || axis === null ? [...x.shape.keys()] : [axis].flat().map((a) => axisOf(a, x)));

const reduction = (op: ReductionOp, key = 'axis', scale: (graph: Builder, total: Node, count: number) => Node = (_graph, total) => total): Kernel =>
  single((graph, x, attributes) => {
    const axes = axesOf(attributes[key], x);
    const reduced = scale(graph, graph.reduce(op, x, axes), sizeOf(axes.map((axis) => x.shape[axis]!)));
    return attributes['keepDims']
      ? reduced
      : graph.reshape(
          reduced,
          x.shape.filter((_, axis) => !axes.includes(axis)),
        );
  });
const mean = reduction('reduceSum', 'axis', (graph, total, count) => graph.binary('mul', total, scalar(graph, 1 / count, total)));
const boolean = (op: ReductionOp): Kernel => {
  const reduce = reduction(op);
  return (graph, inputs, attributes) => graph.cast(reduce(graph, { x: graph.cast(only(inputs), 'int32') }, attributes) as Node, 'bool');
};

const positive = (graph: Builder, x: Node): Node => graph.binary('greater', x, scalar(graph, 0, x));
const notNegative = (graph: Builder, x: Node): Node => graph.binary('greaterEqual', x, scalar(graph, 0, x));
const times = (graph: Builder, x: Node, factor: number): Node => graph.binary('mul', x, scalar(graph, factor, x));

/** Tensors of the values 0, 1, … n − 1. */
const counting = (graph: Builder, n: number): Node =>
  graph.constant(
    Array.from({ length: n }, (_, i) => i),
    [n],
    'int32',
  );

function unpacked(graph: Builder, x: Node, axis: number, lengths: readonly number[]): Node[] {
  let first = 0;
  return lengths.map((length) => {
    const begin = x.shape.map((_, a) => (a === axis ? first : 0));
    first += length;
    return graph.slice(x, begin, x.shape.with(axis, length));
  });
}

const floorDivide = (graph: Builder, a: Node, b: Node): Node => graph.unary('floor', graph.binary('div', graph.cast(a, 'float32'), graph.cast(b, 'float32')));

const seluAlpha = 1.7580993408473768;
const seluScale = 1.0507009873554805;

/** Kernels by TF.js's name. What is not here cannot be compiled. */
export const kernels = {
  Abs: unary('abs'),
  Ceil: unary('ceil'),
  Cos: unary('cos'),
  Erf: unary('erf'),
  Exp: unary('exp'),
  Expm1: unary('expm1'),
  Floor: unary('floor'),
  Identity: single((_graph, x) => x),
  IsNan: unary('isNaN'),
  Log: unary('log'),
  Log1p: unary('log1p'),
  LogicalNot: unary('not'),
  Neg: single((graph, x) => times(graph, x, -1)),
  Reciprocal: unary('reciprocal'),
  Relu: unary('relu'),
  Round: unary('round'),
  Rsqrt: single((graph, x) => graph.unary('reciprocal', graph.unary('sqrt', x))),
  Sigmoid: unary('sigmoid'),
  Sign: unary('sign'),
  Sin: unary('sin'),
  Softplus: unary('softplus'),
  Sqrt: unary('sqrt'),
  Square: single((graph, x) => graph.binary('mul', x, x)),
  Tanh: unary('tanh'),

  Elu: single((graph, x) => graph.select(notNegative(graph, x), x, graph.unary('expm1', x))),
  EluGrad: (graph, { dy, y }) => graph.select(notNegative(graph, y!), dy!, graph.binary('mul', dy!, graph.binary('add', y!, scalar(graph, 1, y!)))),
  LeakyRelu: single((graph, x, { alpha }) => graph.select(positive(graph, x), x, times(graph, x, alpha as number))),
  Relu6: single((graph, x) => graph.binary('min', graph.unary('relu', x), scalar(graph, 6, x))),
  Selu: single((graph, x) => graph.select(notNegative(graph, x), times(graph, x, seluScale), times(graph, graph.unary('expm1', x), seluAlpha))),
  /** 1 where x > 0, elsewhere alpha: the gradient of |x| asks for alpha = −1. */
  Step: single((graph, x, { alpha }) =>
    alpha ? graph.select(positive(graph, x), graph.fill(1, x.shape), graph.fill(alpha as number, x.shape)) : graph.cast(positive(graph, x), 'float32'),
  ),
  ClipByValue: single((graph, x, { clipValueMin, clipValueMax }) =>
    graph.binary('min', graph.binary('max', x, scalar(graph, clipValueMin as number, x)), scalar(graph, clipValueMax as number, x)),
  ),

  Add: binary('add'),
  AddN: (graph, inputs) => Object.values(inputs).reduce((total, x) => graph.binary('add', total, x)),
  Equal: binary('equal'),
  FloorDiv: pair((graph, a, b) => graph.cast(floorDivide(graph, a, b), 'int32')),
  Greater: binary('greater'),
  GreaterEqual: binary('greaterEqual'),
  Less: binary('less'),
  LessEqual: binary('lessEqual'),
  LogicalAnd: binary('and'),
  LogicalOr: binary('or'),
  Maximum: binary('max'),
  Minimum: binary('min'),
  /** Sign of the divisor, as in Python. */
  Mod: pair((graph, a, b) => graph.binary('sub', a, graph.binary('mul', graph.cast(floorDivide(graph, a, b), a.dtype), b))),
  Multiply: binary('mul'),
  NotEqual: pair((graph, a, b) => graph.unary('not', graph.binary('equal', a, b))),
  Pow: binary('pow'),
  RealDiv: binary('div'),
  SquaredDifference: pair((graph, a, b) => {
    const difference = graph.binary('sub', a, b);
    return graph.binary('mul', difference, difference);
  }),
  Sub: binary('sub'),
  Prelu: (graph, { x, alpha }) => graph.select(notNegative(graph, x!), x!, graph.binary('mul', x!, alpha!)),
  Select: (graph, { condition, t, e }) => graph.select(condition!, t!, e!),

  All: boolean('reduceMin'),
  Any: boolean('reduceMax'),
  Max: reduction('reduceMax', 'reductionIndices'),
  Mean: mean,
  Min: reduction('reduceMin'),
  Prod: reduction('reduceProd'),
  Sum: reduction('reduceSum'),
  ArgMax: single((graph, x, { axis }) => graph.argMax(x, axesOf(axis, x)[0]!)),
  Softmax: single((graph, x, { dim }) => {
    const a = axisOf(dim ?? -1, x);
    const y = graph.unary('exp', graph.binary('sub', x, graph.reduce('reduceMax', x, [a])));
    return graph.binary('div', y, graph.reduce('reduceSum', y, [a]));
  }),

  BatchMatMul: (graph, { a, b }, { transposeA, transposeB }) => graph.matMul(a!, b!, Boolean(transposeA), Boolean(transposeB)),
  UnsortedSegmentSum: (graph, { x, segmentIds }, { numSegments }) => graph.segmentSum(x!, segmentIds!, numSegments as number),

  Cast: single((graph, x, { dtype }) => graph.cast(x, dtypeOf(dtype as DataType))),
  Concat: (graph, inputs, { axis }) => {
    const parts = Object.values(inputs).filter((part) => sizeOf(part.shape) > 0);
    return graph.concat(parts, axisOf(axis, parts[0]!));
  },
  ExpandDims: single((graph, x, { dim }) => {
    const axis = (dim as number) < 0 ? (dim as number) + x.shape.length + 1 : (dim as number);
    return graph.reshape(x, x.shape.toSpliced(axis, 0, 1));
  }),
  Fill: (graph, _inputs, { shape, value, dtype }) => graph.fill(value as number, shape as number[], dtypeOf((dtype as DataType | undefined) ?? 'float32')),
  GatherV2: (graph, { x, indices }, { axis }) => graph.gather(x!, indices!, axisOf(axis, x!)),
  OneHot: (graph, { indices }, { depth, onValue, offValue, dtype }) => {
    const hit = graph.binary('equal', graph.reshape(indices!, [...indices!.shape, 1]), counting(graph, depth as number));
    const type = dtypeOf((dtype as DataType | undefined) ?? 'int32');
    if (onValue === 1 && offValue === 0) return graph.cast(hit, type);
    return graph.select(hit, graph.fill(onValue as number, [], type), graph.fill(offValue as number, [], type));
  },
  OnesLike: single((graph, x) => graph.fill(1, x.shape, x.dtype)),
  Pack: (graph, inputs, { axis }) => {
    const parts = Object.values(inputs);
    const at = ((axis as number) + parts[0]!.shape.length + 1) % (parts[0]!.shape.length + 1);
    return graph.concat(
      parts.map((part) => graph.reshape(part, part.shape.toSpliced(at, 0, 1))),
      at,
    );
  },
  PadV2: single((graph, x, { paddings, constantValue }) =>
    (paddings as [number, number][]).reduce((padded, counts, axis) => {
      const border = (count: number) => (count > 0 ? [graph.fill(constantValue as number, padded.shape.with(axis, count), x.dtype)] : []);
      return graph.concat([...border(counts[0]), padded, ...border(counts[1])], axis);
    }, x),
  ),
  Reshape: single((graph, x, { shape }) => {
    const target = shape as number[];
    const known = sizeOf(target.filter((n) => n >= 0));
    return graph.reshape(
      x,
      target.map((n) => (n < 0 ? sizeOf(x.shape) / known : n)),
    );
  }),
  Slice: single((graph, x, { begin, size }) => {
    const first = x.shape.map((_, axis) => [begin as number | number[]].flat()[axis] ?? 0);
    const sizes = [size as number | number[]].flat();
    return graph.slice(
      x,
      first,
      x.shape.map((n, axis) => ((sizes[axis] ?? -1) < 0 ? n - first[axis]! : sizes[axis]!)),
    );
  }),
  SplitV: (graph, { x }, { numOrSizeSplits, axis }) => {
    const at = axisOf(axis, x!);
    const lengths = Array.isArray(numOrSizeSplits)
      ? (numOrSizeSplits as number[])
      : new Array<number>(numOrSizeSplits as number).fill(x!.shape[at]! / (numOrSizeSplits as number));
    const rest = x!.shape[at]! - lengths.reduce((total, n) => total + Math.max(n, 0), 0);
    return unpacked(
      graph,
      x!,
      at,
      lengths.map((n) => (n < 0 ? rest : n)),
    );
  },
  Tile: single((graph, x, { reps }) => {
    const counts = reps as number[];
    const interleaved = graph.reshape(
      x,
      x.shape.flatMap((n) => [1, n]),
    );
    const repeated = graph.expand(
      interleaved,
      x.shape.flatMap((n, axis) => [counts[axis]!, n]),
    );
    return graph.reshape(
      repeated,
      x.shape.map((n, axis) => n * counts[axis]!),
    );
  }),
  Transpose: single((graph, x, { perm }) => graph.transpose(x, perm as number[])),
  Unpack: (graph, { value }, { axis }) => {
    const at = axisOf(axis, value!);
    const shape = value!.shape.toSpliced(at, 1);
    return unpacked(graph, value!, at, new Array<number>(value!.shape[at]!).fill(1)).map((part) => graph.reshape(part, shape));
  },
  ZerosLike: single((graph, x) => graph.fill(0, x.shape, x.dtype)),
} satisfies { readonly [name: string]: Kernel };
