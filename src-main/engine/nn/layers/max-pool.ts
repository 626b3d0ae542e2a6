/** @file Max pooling. */
import { maxPool as pool } from '@tensorflow/tfjs-core';
import { defineLayer } from '../layer';
import { pooled, pooling } from '../pooling';

/** The largest value of each window, by channel: shapes as of `pooling`. */
export const maxPool = defineLayer({
  kind: 'max-pool',
  title: 'Max pooling',
  reference: 'Zhou & Chellappa (1988), Computation of optical flow using a neural network',
  help: 'Keeps the largest value of each window, channel by channel: half the height and width with the usual 2 × 2. In a sequence the window moves along its steps, and has no width.',
  ...pooling,
  apply: (_params, x, settings, { input }) => pooled(x, input, settings, (images, { kernel, strides, padding }) => pool(images, kernel, strides, padding)),
});
