/** @file Max pooling. */
import { maxPool as pool } from '@tensorflow/tfjs-core';
import { eachImage, stridesOf } from '../convolution';
import { defineLayer } from '../layer';
import { pooling } from '../pooling';

/** The largest value of each window, by channel: [height, width, channels] → [height', width', channels]. */
export const maxPool = defineLayer({
  kind: 'max-pool',
  title: 'Max pooling',
  reference: 'Zhou & Chellappa (1988), Computation of optical flow using a neural network',
  help: 'Keeps the largest value of each window, channel by channel: half the height and width with the usual 2 × 2.',
  ...pooling,
  apply: (_params, x, { kernelHeight, kernelWidth, padding, ...strides }, { input }) =>
    eachImage(x, input, (images) => pool(images, [kernelHeight, kernelWidth], stridesOf(strides), padding)),
});
