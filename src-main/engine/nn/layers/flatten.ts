/** @file From images to feature vectors. */
import { reshape } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { sizeOf } from '../../numerics/host-tensor';
import { defineLayer } from '../layer';

/** Joins all axes of a row into one: [28, 28] → [784]. */
export const flatten = defineLayer({
  kind: 'flatten',
  title: 'Flatten',
  reference: 'Reshape',
  help: 'Joins all axes of a row into one, as dense layers need: 28 × 28 pixels become 784 features.',
  settings: z.strictObject({}),
  outputShape: (input) => [sizeOf(input)],
  parameters: () => [],
  // What stands before the row's own axes (rows, or members and rows) stays.
  apply: (_params, x, _settings, { input }) => reshape(x, [...x.shape.slice(0, x.rank - input.length), sizeOf(input)]),
});
