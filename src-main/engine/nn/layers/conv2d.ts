/** @file Two-dimensional convolution. */
import { conv2d as convolve, type Tensor4D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { activations } from '../activations';
import { filterParameters, filterSettings, memberwise, places, rowsWithChannels, stridesOf, windowSettings, withChannels } from '../convolution';
import { defineLayer } from '../layer';

/**
 * y = φ(w ∗ x + b).
 * Shapes: x [rows, height, width, channels], kernel [height, width, channels, filters], bias [filters] → [rows, height', width', filters].
 */
export const conv2d = defineLayer({
  kind: 'conv2d',
  title: 'Convolution 2D',
  reference: 'LeCun et al. (1998), Gradient-based learning applied to document recognition, sec. II A',
  help: 'Slides learnt filters over an image: every output sees a small window, and all windows share the same weights.',
  settings: z.strictObject({
    filters: filterSettings.filters,
    kernelHeight: windowSettings.kernelHeight(3),
    kernelWidth: windowSettings.kernelWidth(3),
    stride: windowSettings.stride(1),
    strideWidth: windowSettings.strideWidth,
    padding: windowSettings.padding('same'),
    activation: filterSettings.activation,
    bias: filterSettings.bias,
  }),
  outputShape: (input, { filters, kernelHeight, kernelWidth, padding, ...strides }) => [
    ...places(withChannels(input, 2), { kernel: [kernelHeight, kernelWidth], strides: stridesOf(strides), padding }),
    filters,
  ],
  parameters(input, { filters, kernelHeight, kernelWidth, bias }) {
    const channels = withChannels(input, 2)[2]!;
    const window = kernelHeight * kernelWidth;
    return filterParameters([kernelHeight, kernelWidth, channels, filters], { fanIn: window * channels, fanOut: window * filters }, filters, bias);
  },
  apply(_params, x, { padding, activation, ...strides }, { input, affine }) {
    const product = memberwise(2, (images, kernel) => convolve(images as Tensor4D, kernel as Tensor4D, stridesOf(strides), padding));
    return activations[activation](affine(product, rowsWithChannels(x, input, 2)));
  },
});
