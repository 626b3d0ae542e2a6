/** @file One-dimensional convolution. */
import { conv1d as convolve, type Tensor3D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { activations } from '../activations';
import { filterParameters, filterSettings, memberwise, places, rowsWithChannels, windowSettings, withChannels } from '../convolution';
import { defineLayer } from '../layer';

/**
 * y = φ(w ∗ x + b).
 * Shapes: x [rows, length, channels], kernel [size, channels, filters], bias [filters] → [rows, length', filters].
 */
export const conv1d = defineLayer({
  kind: 'conv1d',
  title: 'Convolution 1D',
  reference: 'Waibel et al. (1989), Phoneme recognition using time-delay neural networks, sec. II',
  help: 'Slides learnt filters along a sequence. A row of features is a sequence with one channel.',
  settings: z.strictObject({
    filters: filterSettings.filters,
    kernelSize: windowSettings.kernelSize(3),
    stride: windowSettings.stride(1),
    padding: windowSettings.padding('same'),
    activation: filterSettings.activation,
    bias: filterSettings.bias,
  }),
  outputShape: (input, { filters, kernelSize, stride, padding }) => [
    ...places(withChannels(input, 1), { kernel: [kernelSize], strides: [stride], padding }),
    filters,
  ],
  parameters(input, { filters, kernelSize, bias }) {
    const channels = withChannels(input, 1)[1]!;
    return filterParameters([kernelSize, channels, filters], { fanIn: kernelSize * channels, fanOut: kernelSize * filters }, filters, bias);
  },
  apply(_params, x, { stride, padding, activation }, { input, affine }) {
    const product = memberwise(1, (sequences, kernel) => convolve(sequences as Tensor3D, kernel as Tensor3D, stride, padding));
    return activations[activation](affine(product, rowsWithChannels(x, input, 1)));
  },
});
