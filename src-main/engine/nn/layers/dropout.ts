/** @file Dropout as a layer of any method's network. */
import { div, mul } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { bernoulli } from '../../numerics/random';
import { defineLayer } from '../layer';

/** y = x m/(1 − rate), m ∈ {0, 1} with P(m = 1) = 1 − rate; one mask per row in training, one per draw in a prediction. */
export const dropout = defineLayer({
  kind: 'dropout',
  title: 'Dropout',
  reference:
    'Srivastava et al. (2014), Dropout: A Simple Way to Prevent Neural Networks from Overfitting; Gal & Ghahramani (2016) for predictions that keep dropping',
  help: 'Sets a random share of its inputs to zero and scales up the rest. In training each row has a mask of its own. Predictions leave everything in, or keep dropping: then every draw is one mask for all rows, and also a point estimate such as MAP shows uncertainty.',
  settings: z.strictObject({
    rate: z.number().min(0).max(0.95).default(0.5).meta({ title: 'Rate', description: 'Probability that a value is dropped.' }),
    channels: z
      .boolean()
      .default(false)
      .meta({ title: 'Whole channels', description: 'Drops a feature map at all its places at once, as suits convolutions and sequences.', advanced: true }),
    predict: z
      .enum(['off', 'on'])
      .default('off')
      .meta({ title: 'In predictions', description: 'off: nothing is dropped. on: masks are drawn as in training; each is part of a draw.' }),
  }),
  outputShape: (input) => input,
  parameters: () => [],
  randomPrediction: ({ rate, predict }) => predict === 'on' && rate > 0,
  apply(_params, x, { rate, channels, predict }, { input, key, training }) {
    if (rate === 0 || !(training || predict === 'on')) return x;
    const [rows, last] = [x.rank - input.length - 1, x.rank - 1];
    const shape = x.shape.map((n, axis) => {
      if (axis === rows) return training ? n : 1;
      return channels && axis > rows && axis < last ? 1 : n;
    });
    return div(mul(x, bernoulli(key, 1 - rate, shape)), 1 - rate);
  },
});
