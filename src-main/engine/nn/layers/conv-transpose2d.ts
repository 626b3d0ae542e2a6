/** @file Two-dimensional transposed convolution. */
import { conv2dTranspose, transpose, type Tensor4D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { activations } from '../activations';
import { enlargedLength, filterParameters, filterSettings, memberwise, rowsWithChannels, stridesOf, windowSettings, withChannels } from '../convolution';
import { defineLayer, type Shape } from '../layer';

interface Enlargement {
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly stride: number;
  readonly strideWidth: number;
  readonly padding: 'same' | 'valid';
}

/** Height and width of the image whose convolution has the input's. */
const enlarged = (input: Shape, { kernelHeight, kernelWidth, padding, ...settings }: Enlargement): [height: number, width: number] => {
  const strides = stridesOf(settings);
  return [enlargedLength(input[0]!, kernelHeight, strides[0], padding), enlargedLength(input[1]!, kernelWidth, strides[1], padding)];
};

/**
 * y = φ(wᵀ x + b), wᵀ the adjoint of a convolution: an image stride times as large.
 * Shapes: x [rows, height, width, channels], kernel [height, width, channels, filters], bias [filters] → [rows, height', width', filters].
 */
export const convTranspose2d = defineLayer({
  kind: 'conv-transpose2d',
  title: 'Transposed convolution 2D',
  reference: 'Dumoulin & Visin (2016), A guide to convolution arithmetic for deep learning, ch. 4',
  help: 'The reverse of a convolution: every pixel paints a learnt patch, and the image grows by the stride.',
  settings: z.strictObject({
    filters: filterSettings.filters,
    kernelHeight: windowSettings.kernelHeight(3),
    kernelWidth: windowSettings.kernelWidth(3),
    stride: windowSettings.stride(2),
    strideWidth: windowSettings.strideWidth,
    padding: windowSettings
      .padding('same')
      .meta({ title: 'Padding', description: 'same: the image grows by the stride exactly. valid: every patch is kept whole.' }),
    activation: filterSettings.activation,
    bias: filterSettings.bias,
  }),
  outputShape: (input, settings) => [...enlarged(withChannels(input, 2), settings), settings.filters],
  parameters(input, { filters, kernelHeight, kernelWidth, bias, ...settings }) {
    const channels = withChannels(input, 2)[2]!;
    const window = kernelHeight * kernelWidth;
    const [down, across] = stridesOf(settings);
    // On average so many patches overlap in one pixel.
    const fans = { fanIn: Math.max(1, window / (down * across)) * channels, fanOut: window * filters };
    return filterParameters([kernelHeight, kernelWidth, channels, filters], fans, filters, bias);
  },
  apply(_params, x, settings, { input, affine }) {
    const image = enlarged(withChannels(input, 2), settings);
    const product = memberwise(2, (images, kernel) =>
      conv2dTranspose(
        images as Tensor4D,
        transpose(kernel as Tensor4D, [0, 1, 3, 2]),
        [images.shape[0]!, ...image, kernel.shape.at(-1)!],
        stridesOf(settings),
        settings.padding,
      ),
    );
    return activations[settings.activation](affine(product, rowsWithChannels(x, input, 2)));
  },
});
