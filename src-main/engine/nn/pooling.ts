/** @file What all pooling layers are: a window over each channel, without parameters. */
import { z } from 'zod';
import { places, windowSettings, withChannels } from './convolution';
import type { Shape } from './layer';

const settings = z.strictObject({
  kernelHeight: windowSettings.kernelHeight(2),
  kernelWidth: windowSettings.kernelWidth(2),
  stride: windowSettings.stride(2),
  padding: windowSettings.padding('valid'),
});

/** Shapes: [height, width, channels] → [height', width', channels]. */
export const pooling = {
  settings,
  outputShape(input: Shape, { kernelHeight, kernelWidth, stride, padding }: z.output<typeof settings>): Shape {
    const image = withChannels(input, 2);
    return [...places(image, { kernel: [kernelHeight, kernelWidth], stride, padding }), image[2]!];
  },
  parameters: () => [],
};
