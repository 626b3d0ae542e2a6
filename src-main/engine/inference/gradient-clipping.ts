/** @file A limit on the length of the gradient that the chain's own past sets. */
import { add, div, greater, logicalAnd, mul, sqrt, square, sub, where, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { Params } from '../numerics/tree';
import { sumPerChain, total, withChains } from './sampler';

export const clippingSetting = z.number().min(0).max(1000).default(20).meta({
  title: 'Clip gradients beyond',
  unit: 'sd',
  advanced: true,
  description:
    'Gradients of the log-likelihood longer than the mean length so far by this many standard deviations are shortened to it, after the first 1000 steps. 0 never clips.',
});

/** Welford's running moments of the gradient's length, and how often it was clipped. Shapes: [chains], or [] for one. */
export interface Lengths {
  readonly [moment: string]: Tensor;
  readonly count: Tensor;
  readonly mean: Tensor;
  readonly squares: Tensor;
  readonly clipped: Tensor;
}

/** Lengths that are seen before one is judged. */
const enough = 1000;

export const noLengths = (chains: number): Lengths => {
  const zero = () => zeros(withChains(chains, []));
  return { count: zero(), mean: zero(), squares: zero(), clipped: zero() };
};

/** min(1, limit/‖g‖) of the log-likelihood’s gradient g for each chain, limit = mean + deviations · sd of the lengths before. As in the reference repository, but over the whole past. */
export function clip(gradient: Params, past: Lengths, chains: number, deviations: number): { readonly factor: Tensor; readonly lengths: Lengths } {
  const length = sqrt(total(Object.values(gradient).map((g) => sumPerChain(square(g), chains))));
  const limit = add(past.mean, mul(sqrt(div(past.squares, add(past.count, 1e-12))), deviations));
  const excessive = logicalAnd(greater(past.count, enough), greater(length, limit));
  const count = add(past.count, 1);
  const difference = sub(length, past.mean);
  const mean = add(past.mean, div(difference, count));
  return {
    factor: where(excessive, div(limit, length), 1),
    lengths: { count, mean, squares: add(past.squares, mul(difference, sub(length, mean))), clipped: where(excessive, add(past.clipped, 1), past.clipped) },
  };
}
