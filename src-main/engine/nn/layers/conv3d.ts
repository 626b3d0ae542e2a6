/** @file Three-dimensional convolution. */
import { add, concat, conv2d, split, stack, unstack, zeros, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { activations } from '../activations';
import { filterParameters, filterSettings, memberwise, places, rowsWithChannels, stridesOf, windowSettings, withChannels } from '../convolution';
import { defineLayer } from '../layer';

interface Window {
  readonly depth: number;
  readonly strides: readonly [depth: number, height: number, width: number];
  readonly padding: 'same' | 'valid';
}

/** As a sum over the planes of the kernel: each is a convolution of all planes of the volumes that it meets, as images. */
function convolve(volumes: Tensor, kernel: Tensor, { depth, strides: [step, ...strides], padding }: Window): Tensor {
  const [rows, planes, ...image] = volumes.shape as [number, number, number, number, number];
  const count = padding === 'same' ? Math.ceil(planes / step) : Math.floor((planes - depth) / step) + 1;
  const before = padding === 'same' ? Math.floor(Math.max(0, (count - 1) * step + depth - planes) / 2) : 0;
  const given = unstack(volumes, 1);
  const terms = unstack(kernel).flatMap((filter, k) => {
    const met = Array.from({ length: count }, (_, place) => given[place * step + k - before]);
    if (met.every((plane) => plane === undefined)) return []; // the padding alone
    const images = concat(
      met.map((plane) => plane ?? zeros([rows, ...image])),
      0,
    );
    return [conv2d(images as Tensor4D, filter as Tensor4D, strides, padding)];
  });
  const sum = terms.reduce<Tensor>((total, term) => add(total, term), zeros([]));
  return stack(split(sum, count, 0), 1);
}

/**
 * y = φ(w ∗ x + b).
 * Shapes: x [rows, depth, height, width, channels], kernel [depth, height, width, channels, filters], bias [filters] → [rows, depth', height', width', filters].
 */
export const conv3d = defineLayer({
  kind: 'conv3d',
  title: 'Convolution 3D',
  reference: 'Ji et al. (2013), 3D Convolutional Neural Networks for Human Action Recognition, sec. 3.1',
  help: 'Slides learnt filters through a volume or a film: every output sees a small box.',
  settings: z.strictObject({
    filters: filterSettings.filters,
    kernelDepth: windowSettings.kernelSize(3).meta({ title: 'Kernel depth', description: 'Planes under the window.' }),
    kernelHeight: windowSettings.kernelHeight(3),
    kernelWidth: windowSettings.kernelWidth(3),
    strideDepth: windowSettings.stride(1).meta({ title: 'Stride in depth', description: 'How far the window moves from plane to plane.' }),
    stride: windowSettings.stride(1).meta({ title: 'Stride', description: 'How far the window moves in a plane.' }),
    strideWidth: windowSettings.strideWidth,
    padding: windowSettings.padding('same'),
    activation: filterSettings.activation,
    bias: filterSettings.bias,
  }),
  outputShape: (input, { filters, kernelDepth, kernelHeight, kernelWidth, strideDepth, padding, ...strides }) => [
    ...places(withChannels(input, 3), { kernel: [kernelDepth, kernelHeight, kernelWidth], strides: [strideDepth, ...stridesOf(strides)], padding }),
    filters,
  ],
  parameters(input, { filters, kernelDepth, kernelHeight, kernelWidth, bias }) {
    const channels = withChannels(input, 3)[3]!;
    const window = kernelDepth * kernelHeight * kernelWidth;
    const shape = [kernelDepth, kernelHeight, kernelWidth, channels, filters];
    return filterParameters(shape, { fanIn: window * channels, fanOut: window * filters }, filters, bias);
  },
  apply(_params, x, { kernelDepth, strideDepth, padding, activation, ...strides }, { input, affine }) {
    const window: Window = { depth: kernelDepth, strides: [strideDepth, ...stridesOf(strides)], padding };
    const product = memberwise(3, (volumes, kernel) => convolve(volumes, kernel, window));
    return activations[activation](affine(product, rowsWithChannels(x, input, 3)));
  },
});
