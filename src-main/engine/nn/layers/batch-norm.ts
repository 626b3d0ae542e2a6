/** @file Batch normalisation. */
import { add, mean, mul, rsqrt, square, sub, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { perChannel } from '../../numerics/affine';
import { Activation, activations } from '../activations';
import { defineLayer } from '../layer';
import { gainAndShift } from '../normalisation';

/**
 * y = φ(gain (x − m)/√(v + 10⁻⁵) + shift), m and v the moments of each channel over the rows and places of the batch; in predictions those
 * that the drawn weights have on training rows.
 * Shapes: x [rows, …, channels], gain, shift, mean and variance [channels] → as x.
 */
export const batchNorm = defineLayer({
  kind: 'batch-norm',
  title: 'Batch normalisation',
  reference: 'Ioffe & Szegedy (2015), Batch Normalization, algorithm 1; statistics of each draw as in Maddox et al. (2019), SWAG, sec. 3.2',
  help: 'Gives each channel mean 0 and variance 1 over a batch, then a learnt gain and shift. Predictions use what each draw’s weights make of the last training rows, so no running averages are needed. Rows of a batch influence each other while training: batches should not be small. Gain and shift are point estimates.',
  settings: z.strictObject({
    activation: Activation.default('linear').meta({ title: 'Activation', description: 'A nonlinearity φ after gain and shift.' }),
  }),
  outputShape: (input) => input,
  parameters: gainAndShift,
  statistics: (input) => ({ mean: [input.at(-1)!], variance: [input.at(-1)!] }),
  apply({ gain, shift }, x, { activation }, { input, statistic }) {
    const rows = x.rank - input.length - 1;
    const overRows = (values: Tensor) => mean(values, [...x.shape.keys()].slice(rows, -1));
    const m = statistic('mean', () => overRows(x));
    const centred = sub(x, perChannel(m, x));
    const v = statistic('variance', () => overRows(square(centred)));
    const scaled = mul(centred, perChannel(rsqrt(add(v, 1e-5)), centred));
    return activations[activation](add(mul(scaled, perChannel(gain!, scaled)), perChannel(shift!, scaled)));
  },
});
