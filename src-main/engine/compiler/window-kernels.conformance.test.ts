/** @file Convolution and pooling kernels against the oracles: strides, padding, kernels that are not square, windows that leave pixels out, ties. */
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import type { Step } from '../numerics/step';
import { reachable, sizeOf } from './graph';
import { lower } from './onnx/lower';
import { from, testKernels, type Case, type Operand } from './testing';
import { trace } from './trace';
import type { windowKernels } from './window-kernels';

type Image = tf.Tensor4D;
type Padding = 'same' | 'valid';

/** Window height and width, strides, padding, image: chosen so that every border rule shows. */
const geometries: readonly (readonly [kernel: [number, number], strides: [number, number], padding: Padding, image: readonly number[]])[] = [
  [[3, 3], [1, 1], 'same', [2, 5, 4, 2]],
  [[2, 3], [1, 1], 'valid', [2, 4, 5, 2]],
  [[3, 2], [2, 1], 'same', [1, 6, 4, 3]],
  [[3, 2], [2, 2], 'valid', [2, 6, 7, 1]], // leaves a row and a column out
  [[2, 2], [3, 3], 'valid', [1, 8, 7, 2]], // strides over pixels
  [[2, 2], [2, 2], 'same', [1, 5, 6, 2]],
  [[1, 1], [1, 1], 'same', [2, 3, 3, 2]],
  [[1, 4], [1, 1], 'same', [2, 1, 6, 2]],
];

const convolve = (outputs: number): Case[] =>
  geometries.map(([kernel, strides, padding, image]) =>
    from((x, filter) => tf.conv2d(x as Image, filter as Image, strides, padding), { shape: image }, { shape: [...kernel, image[3]!, outputs] }),
  );
const backwards = (cases: readonly Case[]): Case[] => cases.map((trial) => ({ ...trial, backward: true }));

/** Images on which neighbours tie, as rectified ones do; TF.js gives all of dy to the first. Finite differences do not exist there. */
const ties = (shape: readonly number[]): Operand => ({
  shape,
  values: Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => [0, 0, 1, 0, 1][i % 5]!),
});

const rectified = (channelsFirst: tf.Tensor): Image => tf.relu(tf.transpose(channelsFirst, [0, 2, 3, 1])) as Image;

/** Pictures convolved and pooled, which the CPU does phase by phase. */
const convolved = (size: number, strides: [number, number], padding: Padding) => (x?: tf.Tensor, filter?: tf.Tensor, bias?: tf.Tensor) =>
  tf.maxPool(tf.relu(tf.add(tf.conv2d(x as Image, filter as Image, strides, padding), bias!)) as Image, size, size, 'valid');

const maxPools: Case[] = [
  ...geometries.map(([kernel, strides, padding, image]) => from((x) => tf.maxPool(x as Image, kernel, strides, padding), { shape: image })),
  // Rectified before they are pooled, channels first as convolutions leave them; most windows are negative throughout.
  from((x) => tf.maxPool(rectified(x!), 2, 2, 'valid'), { shape: [2, 2, 5, 6], range: [-9, 1] }),
  from((x) => tf.maxPool(rectified(x!), 3, 2, 'same'), { shape: [2, 2, 5, 6], range: [-9, 1] }),
  from((x) => tf.mul(tf.maxPool(rectified(x!), 3, 1, 'same'), rectified(x!)), { shape: [1, 2, 4, 5], range: [-3, 1] }),
  from((x, z) => tf.maxPool(tf.add(tf.transpose(x!, [0, 2, 3, 1]), rectified(z!)) as Image, 2, 2, 'valid'), [1, 2, 4, 6], [1, 2, 4, 6]),
  from(convolved(2, [1, 1], 'same'), [2, 4, 6, 1], [3, 2, 1, 2], [2]),
  from(convolved(3, [1, 1], 'valid'), [1, 7, 4, 2], [2, 2, 2, 2], [2]),
  from(convolved(2, [2, 1], 'same'), [1, 7, 4, 3], [3, 3, 3, 1], [1]),
  { ...from(convolved(2, [1, 1], 'valid'), { shape: [1, 6, 6, 1], values: new Array<number>(36).fill(1) }, [3, 3, 1, 2], { shape: [2], values: [3, -1] }), kinks: true }, // prettier-ignore
  ...([[2, 2], [3, 1]] as const).map(([size, stride]) => ({ ...from((x) => tf.maxPool(x as Image, size, stride, 'same'), ties([1, 4, 6, 2])), kinks: true as const })), // prettier-ignore
];

const averagePools: Case[] = geometries.map(([kernel, strides, padding, image]) => ({
  ...from((x) => tf.avgPool(x as Image, kernel, strides, padding), { shape: image }),
  // TF.js on the CPU divides the gradient at the border by the whole window, its value by the part inside.
  ...(padding === 'same' && { wrongGradientInTfjs: true as const }),
}));

/** A kernel without a case does not compile. */
const cases: { readonly [name in keyof typeof windowKernels]: readonly Case[] } = {
  Conv2D: [
    ...convolve(3),
    from((x, filter) => tf.conv1d(x as tf.Tensor3D, filter as tf.Tensor3D, 2, 'same'), [2, 7, 2], [3, 2, 3]),
    from((x, filter) => tf.relu(tf.add(tf.conv2d(tf.relu(x!) as Image, filter as Image, 1, 'valid'), tf.tensor1d([0.3, -0.2]))), [2, 4, 4, 2], [3, 3, 2, 2]),
    from((x, filter, one) => tf.add(tf.conv2d(x as Image, filter as Image, 1, 'valid'), one!), [1, 3, 4, 2], [2, 2, 2, 3], [1, 1, 1, 1]), // no bias
    // Numbers of channels that WebGPU's own convolution gets wrong, forwards, and backwards by groups.
    from((x, filter) => tf.conv2d(x as Image, filter as Image, 1, 'same'), [2, 2, 3, 6], [2, 2, 6, 7]),
    // Flattened: products take the images as the convolution leaves them.
    from(
      (x, filter, w) => tf.matMul(tf.reshape(tf.relu(tf.conv2d(x as Image, filter as Image, 1, 'same')), [3, 18]), w as tf.Tensor2D),
      [3, 2, 3, 2],
      [2, 2, 2, 3],
      [18, 4],
    ),
    { ...from((x, filter) => tf.conv2d(x as Image, filter as Image, 1, 'same', 'NHWC', 2), [1, 6, 5, 2], [3, 2, 2, 2]), gradient: false },
  ],
  Conv2DBackpropInput: [
    from((x, filter) => tf.conv2dTranspose(x as Image, filter as Image, [2, 8, 6, 2], 2, 'same'), [2, 4, 3, 3], [3, 3, 2, 3]),
    from((x, filter) => tf.conv2dTranspose(x as Image, filter as Image, [1, 5, 7, 2], [1, 2], 'valid'), [1, 4, 3, 3], [2, 3, 2, 3]),
    from((x, filter) => tf.conv2dTranspose(x as Image, filter as Image, [1, 5, 4, 2], 1, 'same'), [1, 5, 4, 3], [3, 2, 2, 3]),
  ],
  Conv2DBackpropFilter: backwards(convolve(2)),
  MaxPool: maxPools,
  MaxPoolGrad: backwards(maxPools),
  AvgPool: averagePools,
  AvgPoolGrad: backwards(averagePools),
};

testKernels(cases);

it('takes no transpose between convolution, bias, rectification, pooling and product, forward or backward, and no pass over unpooled pixels', () => {
  const step: Step = (_state, { x, w, b, v, u }) => {
    const stack = (w: tf.Tensor, b: tf.Tensor, v: tf.Tensor, u: tf.Tensor) => {
      const hidden = tf.maxPool(tf.relu(tf.add(tf.conv2d(x as Image, w as Image, 1, 'same'), b)) as Image, 2, 2, 'valid');
      const rows = tf.reshape(tf.relu(tf.conv2d(hidden, v as Image, 1, 'valid')), [5, 24]);
      return tf.sum(tf.relu(tf.matMul(rows, u as tf.Tensor2D)));
    };
    const [dw, db, dv, du] = tf.grads((...weights: tf.Tensor[]) => stack(weights[0]!, weights[1]!, weights[2]!, weights[3]!))([w!, b!, v!, u!]);
    return { info: { y: stack(w!, b!, v!, u!), dw: dw!, db: db!, dv: dv!, du: du! } };
  };
  const float = (...shape: number[]) => ({ dtype: 'float32' as const, shape });
  const { info } = trace(step, { state: {}, batch: { x: float(5, 8, 8, 1), w: float(3, 3, 1, 2), b: float(2), v: float(3, 3, 2, 4), u: float(24, 7) } });
  const nodes = reachable(Object.values(info));
  const images = nodes.filter(({ op }) => op === 'transpose').filter(({ shape }) => shape.includes(5));
  expect(images.map(({ shape }) => shape)).toEqual([[2, 5, 4, 4]]); // rows exchanged with channels for the gradient of v
  // The first layer's 640 outputs are written by the convolution and by the gradient of the pool alone.
  expect(nodes.filter(({ shape }) => sizeOf(shape) === 5 * 8 * 8 * 2 && shape.length > 1).map(({ op }) => op)).toEqual([
    'convolution',
    'maxPoolGrad',
    'reshape',
  ]);
});

it('pools pictures phase by phase, and what has more channels or weights as it is', () => {
  const pooled = (channels: number, filters: number, size = 2): string => {
    const step: Step = (_state, { x, w }) => {
      const f = (w: tf.Tensor) => tf.sum(tf.maxPool(tf.conv2d(x as Image, w as Image, 1, 'valid'), size, 2, 'valid'));
      return { info: { dw: tf.grad(f)(w!) } };
    };
    const float = (...shape: number[]) => ({ dtype: 'float32' as const, shape });
    const { info } = trace(step, { state: {}, batch: { x: float(2, 6, 6, channels), w: float(3, 3, channels, filters) } });
    return new TextDecoder('latin1').decode(lower(info).model);
  };
  expect(pooled(3, 4)).not.toMatch(/MaxPool|MaxUnpool|DepthToSpace/);
  for (const plain of [pooled(4, 4), pooled(3, 20), pooled(3, 4, 3)]) expect(plain).toMatch(/MaxPool/);
});

it('takes stride-1 adjoints of convolutions apart, and leaves others to ConvTranspose', () => {
  const adjoint = (stride: number, channels: number): string => {
    const step: Step = (_state, { dy, w }) => ({ info: { dx: tf.conv2dTranspose(dy as Image, w as Image, [2, 8 * stride, 6, 1], [stride, 1], 'same') } });
    const float = (...shape: number[]) => ({ dtype: 'float32' as const, shape });
    const { info } = trace(step, { state: {}, batch: { dy: float(2, 8, 6, channels), w: float(3, 3, 1, channels) } });
    return new TextDecoder('latin1').decode(lower(info).model);
  };
  expect(adjoint(1, 3)).not.toContain('ConvTranspose');
  for (const plain of [adjoint(2, 3), adjoint(1, 2)]) expect(plain).toContain('ConvTranspose');
});
