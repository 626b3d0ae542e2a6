/** @file From one draw to the network's outputs. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Key } from '../numerics/random';
import type { Params } from '../numerics/tree';
import type { BayesianModel } from './bayesian-model';

/** Outputs of a draw, which some methods compute their own way. */
export const forwardOf =
  ({ algorithm, target }: Pick<BayesianModel, 'algorithm' | 'target'>) =>
  (draw: Params, x: Tensor, key: Key): Tensor =>
    algorithm.predictive ? algorithm.predictive.forward(draw, x, key) : target.forward(draw, x, key);
