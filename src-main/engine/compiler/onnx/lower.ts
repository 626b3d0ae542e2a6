/** @file From the compiler's graph to an ONNX model. One rule per operation; an operation without a rule does not compile. */
import { valueOf } from '../algebra';
import { is, reachable, type BinaryOp, type DType, type Node, type OpName, type Shape, type UnaryOp } from '../graph';
import type { IntegerProduct } from '../integer-products';
import { convolutionTranspose } from './adjoint';
import { lowerIntegers } from './integers';
import { plainProduct, webgpuRules } from './webgpu';
import { phaseRules } from './phases';
import { windowRules } from './windows';
import { list, type Attempt, type Emitter, type Provider, type Rule } from './emitter';
import { encodeModel, type Attribute, type Initializer, type Operation, type Port } from './model';

const direct =
  (type: string): Rule<OpName> =>
  (_node, to, inputs) =>
    to.emit(type, inputs);

const float = (to: Emitter, value: number): string => to.constant('float32', [], [value]);

/** log(1 + e) to full precision: log u + (e − (u − 1)), u = 1 + e rounded. The neglected division by u is within rounding for 0 ≤ e ≤ 1. */
function smallLog1p(to: Emitter, e: string): string {
  const one = float(to, 1);
  const u = to.emit('Add', [e, one]);
  return to.emit('Add', [to.emit('Log', [u]), to.emit('Sub', [e, to.emit('Sub', [u, one])])]);
}

const unary: { readonly [op in UnaryOp]: Rule<op> } = {
  abs: direct('Abs'),
  sign: direct('Sign'),
  exp: direct('Exp'),
  log: direct('Log'),
  /** Kahan: log u + (x − (u − 1)) / u, u = 1 + x rounded. */
  log1p(_node, to, [x]) {
    const one = float(to, 1);
    const u = to.emit('Add', [x!, one]);
    const correction = to.emit('Div', [to.emit('Sub', [x!, to.emit('Sub', [u, one])]), u]);
    return to.emit('Add', [to.emit('Log', [u]), correction]);
  },
  /** eˣ − 1 = t (eˣ + 1) with t = tanh(x/2): no cancellation near 0. */
  expm1: (_node, to, [x]) => to.emit('Mul', [to.emit('Tanh', [to.emit('Mul', [x!, float(to, 0.5)])]), to.emit('Add', [to.emit('Exp', [x!]), float(to, 1)])]),
  sqrt: direct('Sqrt'),
  reciprocal: direct('Reciprocal'),
  sigmoid: direct('Sigmoid'),
  tanh: direct('Tanh'),
  relu: direct('Relu'),
  /** max(x, 0) + log(1 + e^−|x|); ONNX Runtime's own Softplus is several times slower. */
  softplus: (_node, to, [x]) => to.emit('Add', [to.emit('Relu', [x!]), smallLog1p(to, to.emit('Exp', [to.emit('Neg', [to.emit('Abs', [x!])])]))]),
  erf: direct('Erf'),
  floor: direct('Floor'),
  ceil: direct('Ceil'),
  round: direct('Round'),
  sin: direct('Sin'),
  cos: direct('Cos'),
  not: direct('Not'),
  isNaN: direct('IsNaN'),
};

const binary: { readonly [op in BinaryOp]: Rule<op> } = {
  add: direct('Add'),
  sub: direct('Sub'),
  mul: ({ inputs: [, b] }, to, [x, y]) => (b && valueOf(b) === -1 ? to.emit('Neg', [x!]) : to.emit('Mul', [x!, y!])),
  div: direct('Div'),
  pow: direct('Pow'),
  max: direct('Max'),
  min: direct('Min'),
  equal: direct('Equal'),
  less: direct('Less'),
  lessEqual: direct('LessOrEqual'),
  greater: direct('Greater'),
  greaterEqual: direct('GreaterOrEqual'),
  and: direct('And'),
  or: direct('Or'),
};

const castTypes: { readonly [dtype in DType]: number } = { float32: 1, int32: 6, bool: 9 };
const cast = (to: Emitter, x: string, dtype: DType): string => to.emit('Cast', [x], { to: { i: castTypes[dtype] } });

const reduction =
  (type: string): Rule<'reduceMax' | 'reduceMin' | 'reduceProd'> =>
  ({ attributes: { axes } }, to, inputs) =>
    to.emit(type, inputs, { axes: { ints: axes }, keepdims: { i: 1 } });

const rules: { readonly [Op in OpName]: Rule<Op> } = {
  ...unary,
  ...binary,
  reduceSum({ inputs: [x], attributes: { axes } }, to, [values]) {
    if (x && is(x, 'mul') && x.inputs[0] === x.inputs[1])
      return to.emit('ReduceSumSquare', [to.name(x.inputs[0]!)], { axes: { ints: axes }, keepdims: { i: 1 } });
    return to.emit('ReduceSum', [values!, list(to, axes)], { keepdims: { i: 1 } });
  },
  reduceMax: reduction('ReduceMax'),
  reduceMin: reduction('ReduceMin'),
  reduceProd: reduction('ReduceProd'),
  input: ({ attributes: { name } }) => name,
  constant: ({ dtype, shape, attributes: { values } }, to) => to.constant(dtype, shape, values),
  select: direct('Where'),
  cast: ({ dtype }, to, [x]) => cast(to, x!, dtype),
  expand: ({ shape }, to, [x]) => to.emit('Expand', [x!, to.lengths(shape)]),
  reshape: ({ shape }, to, [x]) => to.emit('Reshape', [x!, to.lengths(shape)]),
  transpose: ({ attributes: { perm } }, to, inputs) => to.emit('Transpose', inputs, { perm: { ints: perm } }),
  slice({ shape, attributes: { begin } }, to, [x]) {
    const ends = begin.map((first, axis) => first + shape[axis]!);
    return to.emit('Slice', [x!, list(to, begin), to.lengths(ends), list(to, [...shape.keys()])]);
  },
  concat: ({ attributes: { axis } }, to, inputs) => to.emit('Concat', inputs, { axis: { i: axis } }),
  gather: ({ attributes: { axis } }, to, inputs) => to.emit('Gather', inputs, { axis: { i: axis } }),
  segmentSum({ shape, inputs: [x] }, to, [values, segments]) {
    // As a product with the one-hot matrix of the segments: scatter-add has no parallel CPU kernel.
    const rows = x!.shape[0]!;
    const ids = to.constant('int32', [shape[0]!, 1], [...new Array(shape[0]!).keys()]);
    const oneHot = cast(to, to.emit('Equal', [ids, to.emit('Reshape', [segments!, list(to, [1, rows])])]), 'float32');
    const product = to.emit('MatMul', [oneHot, to.emit('Reshape', [values!, list(to, [rows, -1])])]);
    return to.emit('Reshape', [product, list(to, shape)]);
  },
  ...windowRules,
  argMax: ({ attributes: { axis } }, to, inputs) => cast(to, to.emit('ArgMax', inputs, { axis: { i: axis }, keepdims: { i: 0 } }), 'int32'),
  matMul({ attributes: { transposeA, transposeB } }, to, inputs) {
    if (!transposeA && !transposeB) return to.emit('MatMul', inputs);
    const flag = (on: boolean): Attribute => ({ i: Number(on) });
    return to.emit('FusedMatMul', inputs, { transA: flag(transposeA), transB: flag(transposeB) }, 'com.microsoft');
  },
};

/** What is lowered otherwise for whom, where that applies. */
const exceptions: { readonly [provider in Provider]: { readonly [Op in OpName]?: Attempt<Op> } } = {
  cpu: { ...phaseRules, convolutionTranspose },
  webgpu: webgpuRules,
  any: { matMul: plainProduct },
};

/** A model for other programs: some inputs are part of it, the others have any number of rows; names lose their 'batch:'. */
export interface StandAlone {
  /** Values by the new name of the input. */
  readonly given: { readonly [input: string]: { readonly shape: Shape; readonly data: ArrayLike<number> } };
  /** How many rows the graph was traced for: a prime that divides no length of another axis. */
  readonly rows: number;
  /** New name of an input whose first axis are the rows. */
  readonly input: string;
  /** Products in 8-bit integers, by the node that each computes. */
  readonly integers?: ReadonlyMap<Node, IntegerProduct>;
}

/** Lengths of axes where multiples of the traced rows stand for multiples of those that the input has. */
function freeLengths(to: Emitter, shape: Shape, { rows, input }: StandAlone): string {
  if (!shape.some((n) => n > 0 && n % rows === 0)) return list(to, shape);
  const present = to.emit('Shape', [input], { start: { i: 0 }, end: { i: 1 } });
  const parts = shape.map((n) => (n > 0 && n % rows === 0 ? to.emit('Mul', [present, list(to, [n / rows])]) : list(to, [n])));
  return to.emit('Concat', parts, { axis: { i: 0 } });
}

/** Without operations whose results nothing reads, such as a square that became part of its sum. */
function needed(operations: readonly Operation[], outputs: readonly string[]): Operation[] {
  const read = new Set(outputs);
  const isNeeded = operations.toReversed().map((operation) => {
    const needs = operation.outputs.some((name) => read.has(name));
    if (needs) for (const name of operation.inputs) read.add(name);
    return needs;
  });
  return operations.filter((_, i) => isNeeded.at(-1 - i));
}

/** Bytes of the ONNX model that computes the outputs. Inputs keep their names; an input that is not needed is left out. */
export function lower(
  outputs: { readonly [name: string]: Node },
  provider: Provider = 'cpu',
  alone?: StandAlone,
): { model: Uint8Array; inputs: readonly Port[] } {
  const integers = alone?.integers;
  const nodes = reachable(Object.values(outputs), (node) => (integers?.has(node) ? [integers.get(node)!.x] : node.inputs));
  const readers = [...nodes.flatMap(({ inputs }) => inputs), ...Object.values(outputs)];
  const operations: Operation[] = [];
  const emitted = new Map<string, string>();
  const initializers = new Map<string, Initializer>();
  const names = new Map<Node, string>();
  const to: Emitter = {
    name: (node) => names.get(node)!,
    uses: (node) => readers.filter((input) => input === node).length,
    emit(type, inputs, attributes = {}, domain) {
      const key = JSON.stringify([type, inputs, attributes, domain]);
      const name = emitted.get(key) ?? `v${operations.length}`;
      if (!emitted.has(key)) operations.push({ type, inputs, outputs: [name], attributes, ...(domain && { domain }) });
      emitted.set(key, name);
      return name;
    },
    output(first, index) {
      const at = operations.findIndex(({ outputs: [output] }) => output === first);
      const count = Math.max(index + 1, operations[at]!.outputs.length);
      operations[at] = { ...operations[at]!, outputs: [first, ...Array.from({ length: count - 1 }, (_, i) => `${first}:${i + 1}`)] };
      return `${first}:${index}`;
    },
    constant(dtype, shape, values) {
      const name = `c:${dtype}:${shape.join()}:${values.join()}`;
      initializers.set(name, { name, dtype, shape, values });
      return name;
    },
    weights(dtype, shape, values) {
      const known = [...initializers.values()].find((initializer) => initializer.values === values);
      if (known) return known.name;
      const name = `w${initializers.size}`;
      initializers.set(name, { name, dtype, shape, values });
      return name;
    },
    lengths: (shape) => (alone ? freeLengths(to, shape, alone) : list(to, shape)),
  };
  const freed = (shape: Shape): (number | string)[] =>
    shape.map((n) => (!alone || n === 0 || n % alone.rows !== 0 ? n : n === alone.rows ? 'rows' : `${n / alone.rows} rows`));
  const called = ({ attributes: { name } }: Node<'input'>): string => (alone ? name.replace(/^batch:/, '') : name);
  const valueFor = (node: Node): string => {
    const product = integers?.get(node);
    if (product) return lowerIntegers(product, to, to.name(product.x));
    if (is(node, 'input')) return called(node);
    const inputs = node.inputs.map((input) => to.name(input));
    const exception = exceptions[provider][node.op] as Attempt<OpName> | undefined;
    return exception?.(node, to, inputs) ?? (rules[node.op] as Rule<OpName>)(node, to, inputs);
  };
  for (const node of nodes) names.set(node, valueFor(node));
  const ports = Object.entries(outputs).map(([name, node]): Port => {
    operations.push({ type: 'Identity', inputs: [to.name(node)], outputs: [name] });
    return { name, dtype: node.dtype, shape: freed(node.shape) };
  });
  for (const [name, { shape, data }] of Object.entries(alone?.given ?? {})) initializers.set(name, { name, dtype: 'float32', shape, values: data });
  const live = needed(operations, Object.keys(outputs));
  const read = new Set(live.flatMap((operation) => operation.inputs));
  const inputs = nodes
    .filter((node) => is(node, 'input'))
    .map((node): Port => ({ name: called(node), dtype: node.dtype, shape: freed(node.shape) }))
    .filter(({ name }) => !initializers.has(name));
  return {
    model: encodeModel({
      operations: live,
      initializers: [...initializers.values()].filter(({ name }) => read.has(name)),
      inputs,
      outputs: ports,
      uncopied: provider === 'cpu',
    }),
    inputs,
  };
}
