/** @file Every elementwise, reducing, moving and multiplying kernel against the oracles. */
import * as tf from '@tensorflow/tfjs-core';
import type { kernels } from './kernels';
import { flat, from, testKernels, type Case, type Operand } from './testing';

const unary = (f: (x: tf.Tensor) => tf.Tensor, range: readonly [number, number] = [-2, 2]): Case[] => [
  from(f, { shape: [3, 4], range }),
  from(f, { shape: [5], range: [range[0], range[0] + (range[1] - range[0]) / 50] }),
];
const binary = (f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, range: readonly [number, number] = [-2, 2], form = from): Case[] =>
  (
    [
      [
        [3, 4],
        [3, 4],
      ],
      [[2, 3, 4], [4]],
      [
        [3, 1],
        [2, 1, 4],
      ],
      [[], [2, 3]],
    ] as const
  ).map(([a, b]) => form(f as Case['f'], { shape: a, range }, { shape: b, range }));
const comparison = (f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Case[] => [
  ...binary(f, [-2, 2], flat),
  flat(f as Case['f'], { shape: [4], values: [1, 2, 3, -4] }, { shape: [4], values: [1, 3, 2, -4] }),
  flat(f as Case['f'], { shape: [3], values: [1, 2, 3], dtype: 'int32' }, { shape: [3], values: [3, 2, 1], dtype: 'int32' }),
];
/** TF.js does not sum these gradients over broadcast axes. */
const extremum = (f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Case[] => [...binary(f, [-2, 2], flat), from(f as Case['f'], [3, 4], [3, 4])];
const logical = (f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Case[] => [flat((a, b) => f(tf.greater(a!, 0), tf.greater(b!, 0)), [3, 4], [4])];
const reductions = (f: (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor, form = from): Case[] => [
  form((x) => f(x!), [3, 4]),
  form((x) => f(x!, 0), [3, 4]),
  form((x) => f(x!, -1, true), [2, 3, 4]),
  form((x) => f(x!, [0, 2]), [2, 3, 4]),
  form((x) => f(x!, 1), [2, 1, 4]),
  form((x) => f(tf.broadcastTo(x!, [5, 3, 4]), [0, 1]), [3, 1]),
];
const classes: Operand = { shape: [4], values: [2, 0, 1, 2], dtype: 'int32' };

/** A kernel without a case does not compile. */
const cases: { readonly [name in keyof typeof kernels]: readonly Case[] } = {
  Abs: unary(tf.abs),
  Ceil: unary(tf.ceil),
  Cos: unary(tf.cos),
  Erf: unary(tf.erf, [-4, 4]),
  Exp: unary(tf.exp),
  Expm1: [...unary(tf.expm1, [-6, 3]), from(tf.expm1 as Case['f'], { shape: [4], values: [1e-5, -1e-5, 1e-3, -20] })],
  Floor: unary(tf.floor),
  Identity: unary(tf.clone),
  IsNan: [flat((x) => tf.isNaN(x!), { shape: [4], values: [1, NaN, -Infinity, 0] })], // of log(−1) a GPU need not make NaN
  Log: unary(tf.log, [0.01, 3]),
  Log1p: [...unary(tf.log1p, [-0.9, 3]), from(tf.log1p as Case['f'], { shape: [4], values: [1e-5, -1e-5, 1e-7, 1e4] })],
  LogicalNot: [flat((x) => tf.logicalNot(tf.greater(x!, 0)), [3, 4])],
  Neg: unary(tf.neg),
  Reciprocal: unary(tf.reciprocal, [0.3, 2]),
  Relu: unary(tf.relu),
  Round: [...unary(tf.round, [-3, 3]), flat(tf.round as Case['f'], { shape: [6], values: [0.5, 1.5, 2.5, -0.5, -1.5, -2.5] })],
  Rsqrt: unary(tf.rsqrt, [0.1, 3]),
  Sigmoid: unary(tf.sigmoid, [-6, 6]),
  Sign: unary(tf.sign),
  Sin: unary(tf.sin),
  Softplus: [...unary(tf.softplus, [-8, 8]), from(tf.softplus as Case['f'], { shape: [6], values: [-15, -10, -7, 10, 40, 90] })],
  Sqrt: unary(tf.sqrt, [0.1, 3]),
  Square: unary(tf.square),
  Tanh: unary(tf.tanh),

  Elu: unary(tf.elu),
  EluGrad: unary(tf.elu).map((trial) => ({ ...trial, backward: true })),
  LeakyRelu: unary((x) => tf.leakyRelu(x, 0.1)),
  Relu6: unary((x) => tf.relu6(x), [-3, 9]),
  Selu: unary(tf.selu),
  Step: [...unary((x) => tf.step(x, -1)), ...unary((x) => tf.step(x)), flat((x) => tf.step(x!, -1), { shape: [3], values: [0, 1, -1] })],
  ClipByValue: unary((x) => tf.clipByValue(x, -0.5, 1)),

  Add: binary(tf.add),
  AddN: [from((a, b, c) => tf.addN([a!, b!, c!]), [3, 4], [3, 4], [3, 4])],
  Equal: comparison(tf.equal),
  FloorDiv: [
    flat((a, b) => tf.floorDiv(a!, b!), [3, 4], [4]),
    flat((a, b) => tf.div(a!, b!), { shape: [3], values: [7, -7, 9], dtype: 'int32' }, { shape: [3], values: [2, 2, 3], dtype: 'int32' }),
  ],
  Greater: comparison(tf.greater),
  GreaterEqual: comparison(tf.greaterEqual),
  Less: comparison(tf.less),
  LessEqual: comparison(tf.lessEqual),
  LogicalAnd: logical(tf.logicalAnd),
  LogicalOr: logical(tf.logicalOr),
  Maximum: extremum(tf.maximum),
  Minimum: extremum(tf.minimum),
  Mod: binary(tf.mod, [0.3, 2]).concat(flat((a, b) => tf.mod(a!, b!), [3, 4], { shape: [3, 4], range: [-2, -0.5] })),
  Multiply: binary(tf.mul),
  NotEqual: comparison(tf.notEqual),
  Pow: [...binary(tf.pow, [0.2, 2]), ...[0.5, 2, 3, -1].map((power) => from((x) => tf.pow(x!, power), { shape: [3, 4], range: [0.3, 2] }))],
  RealDiv: [...binary(tf.div, [0.3, 2]), from((x) => tf.div(x!, 3), [3, 4]), from((x) => tf.div(2, x!), { shape: [3, 4], range: [0.3, 2] })],
  SquaredDifference: extremum(tf.squaredDifference),
  Sub: [...binary(tf.sub), from((x) => tf.sub(1, x!), [3])],
  Prelu: [from((x, alpha) => tf.prelu(x!, alpha!), [3, 4], [4])],
  Select: [
    from((c, a, b) => tf.where(tf.greater(c!, 0), a!, b!), { shape: [3], values: [1, -1, 2], dtype: 'int32' }, [3], [3]),
    from((c, a) => tf.where(tf.greater(c!, 0), tf.square(a!), tf.zerosLike(a!)), { shape: [3], values: [1, -1, 2], dtype: 'int32' }, [3]),
  ],

  All: reductions((x, axis, keepDims) => tf.all(tf.greater(x, -1), axis, keepDims), flat),
  Any: reductions((x, axis, keepDims) => tf.any(tf.greater(x, 1), axis, keepDims), flat),
  Max: reductions(tf.max).slice(0, -1), // not with ties, where there is no gradient
  Mean: reductions(tf.mean),
  Min: reductions(tf.min).slice(0, -1),
  Prod: reductions(tf.prod, flat),
  Sum: [
    ...reductions(tf.sum),
    from((x, s) => tf.sum(tf.mul(x!, s!)), [3, 4], []),
    from((x) => tf.sum(tf.square(x!), 1), [3, 4]),
    flat((x) => tf.sum(tf.greater(x!, 0)), [3, 4]),
  ],
  ArgMax: [flat((x) => tf.argMax(x!, 0), [3, 4]), flat((x) => tf.argMax(x!, -1), [2, 3, 4])],
  Softmax: [
    from((x) => tf.softmax(x!), [3, 4]),
    from((x) => tf.softmax(tf.mul(x!, 100)), { shape: [3, 4], range: [-1, 1] }),
    from((x) => tf.logSoftmax(x!), [2, 3, 4]),
  ],

  BatchMatMul: [
    from((a, b) => tf.matMul(a!, b!), [3, 4], [4, 5]),
    from((a, b) => tf.matMul(a!, b!, true), [4, 3], [4, 5]),
    from((a, b) => tf.matMul(a!, b!, false, true), [3, 4], [5, 4]),
    from((a, b) => tf.matMul(a!, b!, true, true), [4, 3], [5, 4]),
    from((a, b) => tf.matMul(tf.transpose(a!), tf.transpose(b!, [1, 0])), [4, 3], [5, 4]),
    from((a, b) => tf.matMul(a!, b!), [2, 3, 4], [2, 4, 5]),
    from((a, b) => tf.matMul(a!, b!, true, true), [2, 4, 3], [2, 5, 4]),
    from((a, b) => tf.matMul(tf.broadcastTo(a!, [2, 3, 4]), b!), [3, 4], [2, 4, 5]),
    from((a, b) => tf.matMul(tf.broadcastTo(a!, [2, 4, 3]), b!, true, true), [4, 3], [2, 5, 4]),
    from((a, b) => tf.matMul(tf.broadcastTo(a!, [2, 3, 4]), b!), [3, 1], [2, 4, 5]),
    from((a, b) => tf.matMul(a!, b!), [1, 3, 4], [1, 4, 5]),
  ],
  UnsortedSegmentSum: [
    from((x, ids) => tf.unsortedSegmentSum(x!, ids as tf.Tensor1D, 3), [4, 2], classes),
    from((x, ids) => tf.gather(x!, ids as tf.Tensor1D), [3, 2], classes),
  ].map((trial, i) => (i === 1 ? { ...trial, backward: true } : trial)),

  Cast: [
    from((x) => tf.cast(tf.cast(x!, 'float32'), 'float32'), [3]),
    flat((x) => tf.cast(x!, 'int32'), { shape: [4], values: [1.7, -1.7, 0.2, 3] }),
    flat((x) => tf.cast(x!, 'bool'), { shape: [3], values: [0, 2, -1] }),
    flat((x) => tf.cast(x!, 'float32'), classes),
  ],
  Concat: [
    from((a, b) => tf.concat([a!, b!], 1), [3, 4], [3, 2]),
    from((a, b) => tf.concat([a!, tf.ones([2, 4]), b!], 0), [3, 4], [1, 4]),
    from((a, b) => tf.slice(tf.concat([a!, b!], 0), [3, 1], [1, 2]), [3, 4], [2, 4]),
  ],
  ExpandDims: [from((x) => tf.expandDims(x!, 1), [3, 4]), from((x) => tf.expandDims(x!, -1), [3])],
  Fill: [from((x) => tf.mul(x!, tf.fill([3, 4], 2.5)), [3, 4])],
  GatherV2: [from((x, i) => tf.gather(x!, i as tf.Tensor1D), [3, 2], classes), flat((x, i) => tf.gather(x!, i as tf.Tensor1D, 1), [2, 3, 2], classes)],
  OneHot: [flat((i) => tf.oneHot(tf.cast(i!, 'int32'), 3), classes), flat((i) => tf.oneHot(i!, 3, 0.9, 0.05, 'float32'), classes)],
  OnesLike: [from((x) => tf.mul(tf.onesLike(x!), x!), [3, 4])],
  Pack: [
    from((a, b) => tf.stack([a!, b!]), [3], [3]),
    from((a, b) => tf.stack([a!, b!], -1), [2, 3], [2, 3]),
    from((a) => tf.stack([tf.sum(a!), tf.mean(a!)]), [3]),
  ],
  PadV2: [from((x) => tf.pad(x!, [[1, 0], [2, 1]], 3), [3, 4])], // prettier-ignore
  Reshape: [
    from((x) => tf.reshape(x!, [2, -1]), [3, 4]),
    from((x) => tf.reshape(tf.broadcastTo(x!, [2, 3, 4]), [6, 4]), [3, 1]),
    from((x) => tf.reshape(tf.broadcastTo(x!, [2, 1, 4]), [2, 4, 1]), [4]),
  ],
  Slice: [
    from((x) => tf.slice(x!, [1, 0], [2, 3]), [3, 4]),
    from((x) => tf.slice(x!, 1, 2), [3, 4]),
    from((x) => tf.slice(x!, [0, 1], [-1, -1]), [3, 4]),
    from((x) => tf.slice(tf.broadcastTo(x!, [3, 4]), [1, 1], [2, 2]), [4]),
  ],
  SplitV: [from((x) => tf.split(x!, 2, 1)[1]!, [3, 4]), from((x) => tf.split(x!, [1, 2], 0)[1]!, [3, 4])],
  Tile: [from((x) => tf.tile(x!, [2, 3]), [3, 4]), from((x) => tf.tile(x!, [2]), [3]), from((x) => tf.broadcastTo(x!, [2, 3, 4]), [3, 1])],
  Transpose: [
    from((x) => tf.transpose(x!), [3, 4]),
    from((x) => tf.transpose(x!, [2, 0, 1]), [2, 3, 4]),
    from((x) => tf.transpose(tf.transpose(x!, [2, 0, 1]), [1, 0, 2]), [2, 3, 4]),
    from((x) => tf.transpose(tf.broadcastTo(x!, [2, 3, 4])), [3, 1]),
  ],
  Unpack: [from((x) => tf.mul(tf.unstack(x!)[0]!, tf.unstack(x!, 1)[1]!), [3, 3])],
  ZerosLike: [from((x) => tf.add(tf.zerosLike(x!), x!), [3, 4])],
};

testKernels(cases);
