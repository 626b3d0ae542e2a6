/** @file Fully connected layer. */
import { z } from 'zod';
import { WorkbenchError } from '../../../contract/errors';
import { Activation, activations } from '../activations';
import { affineParameters, matrixProduct } from '../affine';
import { defineLayer } from '../layer';

/** y = φ(x W + b). */
export const dense = defineLayer({
  kind: 'dense',
  title: 'Dense',
  reference: 'Fully connected layer',
  help: 'Every unit sees every feature: y = φ(x W + b).',
  settings: z.strictObject({
    units: z.int().min(1).max(16_384).default(200).meta({ title: 'Units', description: 'Width of the layer.' }),
    activation: Activation.default('relu').meta({ title: 'Activation', description: 'The nonlinearity φ, applied to each unit.' }),
    bias: z.boolean().default(true).meta({ title: 'Bias', description: 'Adds a learnt offset to each unit.', advanced: true }),
  }),
  outputShape(input, { units }) {
    if (input.length !== 1)
      throw new WorkbenchError('shape-mismatch', `it expects rows of shape [features] but gets [${input.join(', ')}]; put a flatten layer before it`);
    return [units];
  },
  parameters: ([features = 0], { units, bias }) => affineParameters(features, units, bias),
  apply: (_params, x, { activation }, { affine }) => activations[activation](affine(matrixProduct, x)),
});
