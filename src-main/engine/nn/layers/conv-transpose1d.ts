/** @file One-dimensional transposed convolution. */
import { conv2dTranspose, expandDims, reshape, transpose, type Tensor3D, type Tensor4D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { activations } from '../activations';
import { enlargedLength, filterParameters, filterSettings, memberwise, rowsWithChannels, windowSettings, withChannels } from '../convolution';
import { defineLayer } from '../layer';

/**
 * y = φ(wᵀ x + b), wᵀ the adjoint of a convolution: a sequence stride times as long.
 * Shapes: x [rows, length, channels], kernel [size, channels, filters], bias [filters] → [rows, length', filters].
 */
export const convTranspose1d = defineLayer({
  kind: 'conv-transpose1d',
  title: 'Transposed convolution 1D',
  reference: 'Dumoulin & Visin (2016), A guide to convolution arithmetic for deep learning, ch. 4',
  help: 'The reverse of a convolution along a sequence: every step paints a learnt piece, and the sequence grows by the stride.',
  settings: z.strictObject({
    filters: filterSettings.filters,
    kernelSize: windowSettings.kernelSize(3),
    stride: windowSettings.stride(2),
    padding: windowSettings
      .padding('same')
      .meta({ title: 'Padding', description: 'same: the sequence grows by the stride exactly. valid: every piece is kept whole.' }),
    activation: filterSettings.activation,
    bias: filterSettings.bias,
  }),
  outputShape: (input, { filters, kernelSize, stride, padding }) => [enlargedLength(withChannels(input, 1)[0]!, kernelSize, stride, padding), filters],
  parameters(input, { filters, kernelSize, stride, bias }) {
    const channels = withChannels(input, 1)[1]!;
    const fans = { fanIn: Math.max(1, kernelSize / stride) * channels, fanOut: kernelSize * filters };
    return filterParameters([kernelSize, channels, filters], fans, filters, bias);
  },
  apply(_params, x, { filters, kernelSize, stride, padding, activation }, { input, affine }) {
    const length = enlargedLength(withChannels(input, 1)[0]!, kernelSize, stride, padding);
    const product = memberwise(1, (sequences, kernel) => {
      const flipped = transpose(expandDims(kernel as Tensor3D, 1), [0, 1, 3, 2]) as Tensor4D; // an image of width 1
      const images = expandDims(sequences as Tensor3D, 2) as Tensor4D;
      return reshape(conv2dTranspose(images, flipped, [images.shape[0], length, 1, filters], [stride, 1], padding), [images.shape[0], length, filters]);
    });
    return activations[activation](affine(product, rowsWithChannels(x, input, 1)));
  },
});
