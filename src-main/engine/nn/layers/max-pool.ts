/** @file Max pooling. */
import { maxPool as pool } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { eachImage, places, windowSettings, withChannels } from '../convolution';
import { defineLayer } from '../layer';

/** The largest value of each window, by channel: [height, width, channels] → [height', width', channels]. */
export const maxPool = defineLayer({
  kind: 'max-pool',
  title: 'Max pooling',
  reference: 'Zhou & Chellappa (1988), Computation of optical flow using a neural network',
  help: 'Keeps the largest value of each window, channel by channel: half the height and width with the usual 2 × 2.',
  settings: z.strictObject({
    kernelHeight: windowSettings.kernelHeight(2),
    kernelWidth: windowSettings.kernelWidth(2),
    stride: windowSettings.stride(2),
    padding: windowSettings.padding('valid'),
  }),
  outputShape(input, { kernelHeight, kernelWidth, stride, padding }) {
    const image = withChannels(input, 2);
    return [...places(image, { kernel: [kernelHeight, kernelWidth], stride, padding }), image[2]!];
  },
  parameters: () => [],
  apply: (_params, x, { kernelHeight, kernelWidth, stride, padding }, input) =>
    eachImage(x, input, (images) => pool(images, [kernelHeight, kernelWidth], stride, padding)),
});
