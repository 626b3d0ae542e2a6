/** @file The last layer: linear, as wide as the likelihood needs. */
import { z } from 'zod';
import { WorkbenchError } from '../../../contract/errors';
import { affineParameters, matrixProduct } from '../affine';
import { defineLayer } from '../layer';

/** y = x W + b with one unit per number the likelihood asks for: logits of the classes, or mean (and noise) of the targets. */
export const output = defineLayer({
  kind: 'output',
  title: 'Output',
  reference: 'Linear read-out',
  help: 'The last layer of every network. Its width follows from the likelihood: one unit per class, or per mean (and noise level) of each target.',
  settings: z.strictObject({
    bias: z.boolean().default(true).meta({ title: 'Bias', description: 'Adds a learnt offset to each output.', advanced: true }),
  }),
  outputShape(input, _settings, { outputs }) {
    if (input.length !== 1)
      throw new WorkbenchError('shape-mismatch', `it expects rows of shape [features] but gets [${input.join(', ')}]; put a flatten layer before it`);
    return [outputs];
  },
  parameters: ([features = 0], { bias }, { outputs }) => affineParameters(features, outputs, bias),
  apply: (_params, x, _settings, { affine }) => affine(matrixProduct, x),
});
