/** @file Layer normalisation. */
import { add, expandDims, mean, mul, rsqrt, square, sub } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { perChannel } from '../../numerics/affine';
import { Activation, activations } from '../activations';
import { defineLayer } from '../layer';
import { gainAndShift } from '../normalisation';

/**
 * y = φ(gain (x − mean x)/√(var x + 10⁻⁵) + shift), the moments over the channels of each row and place.
 * Shapes: x [rows, …, channels], gain and shift [channels] → as x.
 */
export const layerNorm = defineLayer({
  kind: 'layer-norm',
  title: 'Layer normalisation',
  reference: 'Ba, Kiros & Hinton (2016), Layer Normalization, eq. 4',
  help: 'Gives the channels of each row (of each place, in images and sequences) mean 0 and variance 1, then a learnt gain and shift. Rows do not influence each other, so training and predictions agree. Gain and shift are point estimates.',
  settings: z.strictObject({
    activation: Activation.default('linear').meta({ title: 'Activation', description: 'A nonlinearity φ after gain and shift.' }),
  }),
  outputShape: (input) => input,
  parameters: gainAndShift,
  apply({ gain, shift }, x, { activation }, { input }) {
    const centred = sub(x, mean(x, -1, true));
    const scaled = mul(centred, rsqrt(add(mean(square(centred), -1, true), 1e-5)));
    const y = gain!.rank === 2 && x.rank === input.length + 1 ? expandDims(scaled) : scaled; // members that share their inputs
    return activations[activation](add(mul(y, perChannel(gain!, y)), perChannel(shift!, y)));
  },
});
