/** @file The compiler's graph: a small set of array operations, hash-consed so that equal subexpressions are one node. */

export type DType = 'float32' | 'int32' | 'bool';
export type Shape = readonly number[];

export const unaryOps = [
  'abs',
  'sign',
  'exp',
  'log',
  'log1p',
  'expm1',
  'sqrt',
  'reciprocal',
  'sigmoid',
  'tanh',
  'relu',
  'softplus',
  'erf',
  'floor',
  'ceil',
  'round',
  'sin',
  'cos',
  'not',
  'isNaN',
] as const;
export const arithmeticOps = ['add', 'sub', 'mul', 'div', 'pow', 'max', 'min'] as const;
export const comparisonOps = ['equal', 'less', 'lessEqual', 'greater', 'greaterEqual', 'and', 'or'] as const;
export const reductionOps = ['reduceSum', 'reduceMax', 'reduceMin', 'reduceProd'] as const;

export type UnaryOp = (typeof unaryOps)[number];
export type BinaryOp = (typeof arithmeticOps)[number] | (typeof comparisonOps)[number];
export type ReductionOp = (typeof reductionOps)[number];

type None = Readonly<Record<never, never>>;

export type Pair = readonly [height: number, width: number];

/** How a window moves over the last two axes of [images, channels, height, width]. */
export interface Window {
  readonly kernel: Pair;
  readonly strides: Pair;
  /** Zeros (for pooling: nothing) around the image. */
  readonly pads: readonly [top: number, left: number, bottom: number, right: number];
}

/** Attributes by operation. Elementwise operations broadcast as in NumPy; reductions keep their axes with length 1. */
export type Attributes = { [op in UnaryOp | BinaryOp]: None } & { [op in ReductionOp]: { readonly axes: readonly number[] } } & {
  input: { readonly name: string };
  /** Row-major values, kept in float64 until lowered. Only small tensors; uniform ones are an `expand` of one value. */
  constant: { readonly values: readonly number[] };
  /** condition, then, else */
  select: None;
  cast: None;
  /** Broadcasts to the node's shape. Elementwise consumers absorb it, so that it is rarely materialised. */
  expand: None;
  reshape: None;
  transpose: { readonly perm: readonly number[] };
  slice: { readonly begin: readonly number[] };
  concat: { readonly axis: number };
  /** x, int32 indices: the indices' axes take the place of `axis`. */
  gather: { readonly axis: number };
  /** values [rows, …], int32 segments [rows] → sums [segments, …] */
  segmentSum: None;
  argMax: { readonly axis: number };
  /** Over the last two axes; leading axes broadcast. */
  matMul: { readonly transposeA: boolean; readonly transposeB: boolean };
  /** x [n, groups · c, h, w], filter [groups · o, c, kh, kw], perhaps bias [groups · o] → [n, groups · o, …]; taps lie `dilations` apart. */
  convolution: Window & { readonly dilations: Pair; readonly groups: number };
  /** Adjoint of the convolution from the node's shape to that of dy: dy [n, o, h, w], filter [o, c, kh, kw] → [n, c, …]. */
  convolutionTranspose: Window;
  maxPool: Window;
  /** dy, maxPool(x), x → dx: each dy goes to the first maximum of its window, by rows. */
  maxPoolGrad: None;
  /** Mean of the window's values inside the image. */
  averagePool: Window;
};

export type OpName = keyof Attributes;

export interface Node<Op extends OpName = OpName> {
  /** Position in order of creation: inputs come before their users. */
  readonly id: number;
  readonly op: Op;
  readonly inputs: readonly Node[];
  readonly attributes: Attributes[Op];
  readonly shape: Shape;
  readonly dtype: DType;
}

export const sizeOf = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);
export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((n, axis) => n === b[axis]);
export const is = <Op extends OpName>(node: Node, op: Op): node is Node<Op> => node.op === op;

/** Shape with ones put before it up to the given rank. */
export const padShape = (shape: Shape, rank: number): number[] => [...new Array<number>(rank - shape.length).fill(1), ...shape];

/** NumPy's broadcasting rule; undefined if the shapes do not fit. */
export function broadcast(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const [x, y] = [padShape(a, rank), padShape(b, rank)];
  const fits = x.every((n, axis) => n === y[axis] || n === 1 || y[axis] === 1);
  return fits ? x.map((n, axis) => (n === 1 ? y[axis]! : n)) : undefined;
}

/** Distance between neighbours along each axis of a row-major tensor. */
export const stridesOf = (shape: Shape): number[] => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));

/** All nodes that the outputs need, inputs first; `inputsOf` where a node is computed from others than its inputs. */
export function reachable(outputs: readonly Node[], inputsOf: (node: Node) => readonly Node[] = ({ inputs }) => inputs): Node[] {
  const seen = new Set<Node>();
  const pending = [...outputs];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    pending.push(...inputsOf(node));
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** A node beside a builder's: neither folded nor shared. Ids say what is computed first. */
export function makeNode<Op extends OpName>(id: number, op: Op, inputs: readonly Node[], attributes: Attributes[Op], shape: Shape, dtype: DType): Node {
  const node: Node<Op> = { id, op, inputs, attributes, shape, dtype };
  return node as Node;
}

/** The same graphs with some nodes replaced by others, which are taken as they are. */
export function substitute(roots: { readonly [name: string]: Node }, replacements: ReadonlyMap<Node, Node>): { readonly [name: string]: Node } {
  const copies = new Map<Node, Node>();
  for (const node of reachable(Object.values(roots))) {
    const inputs = node.inputs.map((input) => copies.get(input)!);
    copies.set(node, replacements.get(node) ?? (inputs.every((input, i) => input === node.inputs[i]) ? node : { ...node, inputs }));
  }
  return Object.fromEntries(Object.entries(roots).map(([name, node]) => [name, copies.get(node)!]));
}
