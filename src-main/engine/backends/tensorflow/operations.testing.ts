/** @file TensorFlow's operations as its registry defines them (core/ops): those that TF.js's kernels ask for, as far as compiler/kernels has them. */
import { any, floats, kernel, numbers, T, valuesOf, type Operation } from './operation.testing';
import { generators } from './generators.testing';
import { shapeOperations } from './shape-operations.testing';
import { windowOperations } from './window-operations.testing';

const unary = (name: string, allowed = floats, output = 'T'): Operation => ({
  inputs: ['T'],
  output,
  attributes: T,
  allowed,
  compute: ([x]) => kernel(name, { x: x! }),
});
const binary = (name: string, allowed = numbers, output = 'T'): Operation => ({
  inputs: ['T', 'T'],
  output,
  attributes: T,
  allowed,
  compute: ([a, b]) => kernel(name, { a: a!, b: b! }),
});
const reduction = (name: string, axisName = 'axis', allowed = numbers): Operation => ({
  inputs: ['T', 'Tidx'],
  output: 'T',
  attributes: { keep_dims: 'bool', T: 'type', Tidx: 'type' },
  allowed,
  compute: ([x, axes], { keep_dims }) => kernel(name, { x: x! }, { [axisName]: valuesOf(axes!), keepDims: keep_dims }),
});
const boolean = (name: string): Operation => ({
  inputs: ['bool', 'Tidx'],
  output: 'bool',
  attributes: { keep_dims: 'bool', Tidx: 'type' },
  allowed: any,
  compute: ([x, axes], { keep_dims }) => kernel(name, { x: x! }, { axis: valuesOf(axes!), keepDims: keep_dims }),
});
const like = (name: string): Operation => ({ inputs: ['T'], output: 'T', attributes: T, allowed: any, compute: ([x]) => kernel(name, { x: x! }) });

export const operations: { readonly [name: string]: Operation } = {
  ...Object.fromEntries(
    ['Ceil', 'Cos', 'Elu', 'Erf', 'Exp', 'Expm1', 'Floor', 'Log', 'Log1p', 'Reciprocal', 'Rsqrt', 'Selu', 'Sigmoid', 'Sin', 'Softplus', 'Sqrt', 'Tanh'].map(
      (name) => [name, unary(name)],
    ),
  ),
  ...Object.fromEntries(['Abs', 'Neg', 'Relu', 'Relu6', 'Round', 'Sign', 'Square'].map((name) => [name, unary(name, numbers)])),
  ...Object.fromEntries(['Add', 'Maximum', 'Minimum', 'Pow', 'RealDiv', 'SquaredDifference', 'Sub'].map((name) => [name, binary(name)])),
  ...Object.fromEntries(['Greater', 'GreaterEqual', 'Less', 'LessEqual'].map((name) => [name, binary(name, numbers, 'bool')])),
  ...Object.fromEntries(['Equal', 'NotEqual'].map((name) => [name, binary(name, any, 'bool')])),
  ...Object.fromEntries(['Min', 'Prod', 'Sum'].map((name) => [name, reduction(name)])),
  IsNan: unary('IsNan', floats, 'bool'),
  Mul: binary('Multiply'),
  FloorMod: binary('Mod'),
  /** Of floats a float, unlike TF.js's. */
  FloorDiv: { ...binary('FloorDiv'), compute: ([a, b]) => kernel('Cast', { x: kernel('FloorDiv', { a: a!, b: b! }) }, { dtype: a!.dtype }) },
  Max: reduction('Max', 'reductionIndices'),
  Mean: reduction('Mean', 'axis', floats),
  All: boolean('All'),
  Any: boolean('Any'),
  OnesLike: like('OnesLike'),
  ZerosLike: like('ZerosLike'),
  LogicalNot: { inputs: ['bool'], output: 'bool', attributes: {}, allowed: any, compute: ([x]) => kernel('LogicalNot', { x: x! }) },
  LogicalAnd: { ...binary('LogicalAnd', any, 'bool'), inputs: ['bool', 'bool'], attributes: {} },
  LogicalOr: { ...binary('LogicalOr', any, 'bool'), inputs: ['bool', 'bool'], attributes: {} },
  Softmax: { ...unary('Softmax'), compute: ([logits]) => kernel('Softmax', { logits: logits! }, { dim: logits!.shape.length - 1 }) },
  EluGrad: { ...binary('EluGrad', floats), compute: ([dy, y]) => kernel('EluGrad', { dy: dy!, y: y! }) },
  LeakyRelu: { ...unary('LeakyRelu'), attributes: { T: 'type', alpha: 'float' }, compute: ([x], { alpha }) => kernel('LeakyRelu', { x: x! }, { alpha }) },
  AddN: { inputs: ['T*'], output: 'T', attributes: { T: 'type', N: 'int' }, allowed: numbers, compute: (all) => kernel('AddN', all) },
  /** Its first version: no broadcasting. */
  Select: {
    inputs: ['bool', 'T', 'T'],
    output: 'T',
    attributes: T,
    allowed: any,
    compute([condition, t, e]) {
      if (String(t!.shape) !== String(e!.shape)) throw new Error(`Select of [${String(t!.shape)}] and [${String(e!.shape)}]`);
      if (String(condition!.shape) !== String(t!.shape) && condition!.shape.length > 1) throw new Error('Select by a condition of another shape');
      return kernel('Select', { condition: condition!, t: t!, e: e! });
    },
  },
  ArgMax: {
    inputs: ['T', 'Tidx'],
    output: 'output_type',
    attributes: { T: 'type', Tidx: 'type', output_type: 'type' },
    allowed: numbers,
    compute: ([x, axis]) => kernel('ArgMax', { x: x! }, { axis: valuesOf(axis!)[0]! }),
  },
  BatchMatMulV2: {
    inputs: ['T', 'T'],
    output: 'T',
    attributes: { T: 'type', adj_x: 'bool', adj_y: 'bool' },
    allowed: numbers,
    compute: ([a, b], { adj_x, adj_y }) => kernel('BatchMatMul', { a: a!, b: b! }, { transposeA: adj_x, transposeB: adj_y }),
  },
  UnsortedSegmentSum: {
    inputs: ['T', 'Tindices', 'Tnumsegments'],
    output: 'T',
    attributes: { T: 'type', Tindices: 'type', Tnumsegments: 'type' },
    allowed: numbers,
    compute: ([x, segmentIds, n]) => kernel('UnsortedSegmentSum', { x: x!, segmentIds: segmentIds! }, { numSegments: valuesOf(n!)[0]! }),
  },
  ...shapeOperations,
  ...windowOperations,
  ...generators,
};
