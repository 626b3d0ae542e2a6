/** @file What all pooling layers are: a window over each channel, without parameters. */
import { z } from 'zod';
import { places, stridesOf, windowSettings, withChannels } from './convolution';
import type { Shape } from './layer';

const settings = z.strictObject({
  kernelHeight: windowSettings.kernelHeight(2),
  kernelWidth: windowSettings.kernelWidth(2),
  stride: windowSettings.stride(2),
  strideWidth: windowSettings.strideWidth,
  padding: windowSettings.padding('valid'),
});

/** Shapes: [height, width, channels] → [height', width', channels]. */
export const pooling = {
  settings,
  outputShape(input: Shape, { kernelHeight, kernelWidth, padding, ...strides }: z.output<typeof settings>): Shape {
    const image = withChannels(input, 2);
    return [...places(image, { kernel: [kernelHeight, kernelWidth], strides: stridesOf(strides), padding }), image[2]!];
  },
  parameters: () => [],
};
