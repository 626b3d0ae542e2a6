/** @file What layers that move a window over a row share: settings, shapes and the member axis. */
import { reshape, stack, unstack, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { WorkbenchError } from '../../contract/errors';
import type { Product } from '../numerics/affine';
import { Activation } from './activations';
import type { LayerParameter, Shape } from './layer';

const size = (title: string, description: string, standard: number) => z.int().min(1).max(256).default(standard).meta({ title, description });

/** Settings of a window, by the number of axes it moves along. */
export const windowSettings = {
  kernelSize: (standard: number) => size('Kernel size', 'Length of the window.', standard),
  kernelHeight: (standard: number) => size('Kernel height', 'Rows of pixels under the window.', standard),
  kernelWidth: (standard: number) => size('Kernel width', 'Columns of pixels under the window.', standard),
  stride: (standard: number) => size('Stride', 'How far the window moves, along each axis.', standard),
  strideWidth: z
    .int()
    .min(0)
    .max(256)
    .default(0)
    .meta({ title: 'Stride across', description: 'How far the window moves along the width, if not as far as along the height. 0 = as far.', advanced: true }),
  padding: (standard: 'same' | 'valid') =>
    z
      .enum(['same', 'valid'])
      .default(standard)
      .meta({ title: 'Padding', description: 'same: the border is padded so that only the stride shrinks the image. valid: the window stays inside.' }),
};

/** Settings of a layer with filters. */
export const filterSettings = {
  filters: z.int().min(1).max(2048).default(16).meta({ title: 'Filters', description: 'Channels of the output.' }),
  activation: Activation.default('relu').meta({ title: 'Activation', description: 'The nonlinearity φ, applied to each output.' }),
  bias: z.boolean().default(true).meta({ title: 'Bias', description: 'Adds a learnt offset to each filter.', advanced: true }),
};

/** Strides along height and width. */
export const stridesOf = ({ stride, strideWidth }: { readonly stride: number; readonly strideWidth: number }): [height: number, width: number] => [
  stride,
  strideWidth || stride,
];

/** How a window moves; one entry per axis. */
export interface Placement {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly padding: 'same' | 'valid';
}

type Axes = 1 | 2 | 3;

const axisNames: { readonly [axes in Axes]: string } = { 1: 'length', 2: 'height, width', 3: 'depth, height, width' };

/** The row's shape with its channels; a row of bare values has one. @throws WorkbenchError `shape-mismatch`, with advice. */
export function withChannels(input: Shape, axes: Axes): Shape {
  if (input.length === axes + 1) return input;
  if (input.length === axes) return [...input, 1];
  const advice = input.length > axes ? 'use a layer of more dimensions' : 'put it before the flatten layer, or use a layer of fewer dimensions';
  throw new WorkbenchError('shape-mismatch', `it expects rows of shape [${axisNames[axes]}, channels] but gets [${input.join(', ')}]; ${advice}`);
}

/** Places of the window along each axis. @throws WorkbenchError `shape-mismatch` if it does not fit. */
export function places(input: Shape, { kernel, strides, padding }: Placement): number[] {
  return kernel.map((length, axis) => {
    const stride = strides[axis]!;
    if (padding === 'same') return Math.ceil(input[axis]! / stride);
    if (length <= input[axis]!) return Math.floor((input[axis]! - length) / stride) + 1;
    const [window, image] = [kernel, input.slice(0, kernel.length)].map((lengths) => lengths.join(' × '));
    throw new WorkbenchError('shape-mismatch', `its window of ${window} does not fit into ${image}; choose a smaller kernel or the padding 'same'`);
  });
}

/** Length of the axis whose convolution has the given length: what a transposed convolution makes. */
export const enlargedLength = (length: number, kernel: number, stride: number, padding: 'same' | 'valid'): number =>
  padding === 'same' ? length * stride : (length - 1) * stride + kernel;

/** Kernel [...window, a, b] and bias [filters]. Fans are the values that one output sums, and the outputs that one input reaches. */
export function filterParameters(
  shape: Shape,
  fans: { readonly fanIn: number; readonly fanOut: number },
  filters: number,
  bias: boolean,
): readonly LayerParameter[] {
  const common = { ...fans, bayesian: true, affine: 'repeatedly' } as const;
  return [{ name: 'kernel', shape, role: 'kernel', ...common }, ...(bias ? [{ name: 'bias', shape: [filters], role: 'bias', ...common } as const] : [])];
}

/** Rows, or members and rows, of the given shape become rows with channels. */
export const rowsWithChannels = (x: Tensor, input: Shape, axes: Axes): Tensor =>
  reshape(x, [...x.shape.slice(0, x.rank - input.length), ...withChannels(input, axes)]);

/** A product for one network, made to take also kernels of K members, member by member; x then with or without the leading K. */
export const memberwise =
  (axes: Axes, product: Product): Product =>
  (x, kernel) => {
    if (kernel.rank === axes + 2) return product(x, kernel);
    const inputs = x.rank === kernel.rank ? unstack(x) : null;
    return stack(unstack(kernel).map((own, k) => product(inputs ? inputs[k]! : x, own)));
  };
