/** @file Gated recurrent unit. */
import { add, mul, sigmoid, split, sub, tanh, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { defineLayer } from '../layer';
import { recurrence, recurrentSettings, type RecurrentStep } from '../recurrence';

const step: RecurrentStep = (input, memory, recur) => {
  const [r, u, n] = split(input, 3, -1) as [Tensor, Tensor, Tensor];
  if (!memory) return { hidden: mul(sub(1, sigmoid(u)), tanh(n)) };
  const [hr, hu, hn] = split(recur(memory.hidden), 3, -1) as [Tensor, Tensor, Tensor];
  const candidate = tanh(add(n, mul(sigmoid(add(r, hr)), hn)));
  return { hidden: add(candidate, mul(sigmoid(add(u, hu)), sub(memory.hidden, candidate))) };
};

/**
 * r, u = σ(x W + h U + b); n = tanh(x W + b + r · h U); h' = (1 − u) n + u h: the reset gate after the product.
 * Shapes: x [rows, length, channels], kernel [channels, 3 units], recurrentKernel [units, 3 units], bias [3 units].
 */
export const gru = defineLayer({
  kind: 'gru',
  title: 'GRU',
  reference: 'Cho et al. (2014), Learning Phrase Representations using RNN Encoder–Decoder, sec. 2.3, with the reset gate after the product',
  help: 'Like an LSTM with two gates and no separate memory: a quarter fewer weights, often as good. As a Bayesian layer its weights are drawn once for a whole sequence.',
  settings: z.strictObject(recurrentSettings),
  ...recurrence(3, step),
});
