/** @file Real targets with Gaussian noise: one learnt level, a level per input, or a fixed one. */
import { add, exp, expandDims, mul, neg, scalar, slice, square, sub, sum, zerosLike, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { defineLikelihood } from '../likelihood';
import type { Params } from '../../numerics/tree';

const logNoise = 'likelihood.logNoise';

/** log p(y | μ, s) = −½ ((y − μ)/s)² − log s − ½ log 2π, summed over the targets; s is parametrised by its logarithm. */
export const gaussian = defineLikelihood({
  id: 'gaussian',
  title: 'Gaussian',
  reference: 'Nix & Weigend (1994) for noise per input',
  help: 'The target is the network’s mean plus Gaussian noise: of one level learnt with the weights, of a level that the network predicts for each input, or of a level you fix.',
  task: 'regression',
  settings: z.strictObject({
    noise: z
      .enum(['learnt', 'per-input', 'fixed'])
      .default('learnt')
      .meta({ title: 'Noise', description: 'learnt: one level for all inputs (homoscedastic). per-input: the network predicts it (heteroscedastic).' }),
    sd: z
      .number()
      .min(1e-4)
      .max(1e3)
      .default(0.1)
      .meta({
        title: 'Noise level',
        unit: 'standardised target units',
        description: 'Standard deviation of the noise.',
        scale: 'log',
        when: { noise: ['fixed'] },
      }),
  }),
  build({ noise, sd }, { outputs: targets }) {
    /** Mean and log sd, which broadcast against each other. Shapes: [rows, targets], or [targets] or [] for a shared level. */
    const parts = (outputs: Tensor, params: Params): { mean: Tensor; logSd: Tensor } => {
      if (noise === 'fixed') return { mean: outputs, logSd: scalar(Math.log(sd)) };
      if (noise === 'learnt') {
        const level = params[logNoise]!;
        return { mean: outputs, logSd: level.rank === 1 ? level : expandDims(level, 1) }; // [K, targets] of K members
      }
      const leading = outputs.shape.slice(0, -1);
      const part = (k: number) => slice(outputs, [...leading.map(() => 0), k * targets], [...leading, targets]);
      return { mean: part(0), logSd: part(1) };
    };
    return {
      task: 'regression',
      outputs: noise === 'per-input' ? 2 * targets : targets,
      parameters:
        noise === 'learnt' ? [{ name: logNoise, shape: [targets], role: 'noise', fanIn: targets, fanOut: targets, start: 0, bayesian: false, layer: -1 }] : [],
      logDensity(outputs, y, params) {
        const { mean, logSd } = parts(outputs, params);
        const halfSquares = mul(square(mul(sub(y, mean), exp(neg(logSd)))), 0.5);
        return neg(sum(add(add(halfSquares, logSd), 0.5 * Math.log(2 * Math.PI)), -1));
      },
      predict(outputs, params) {
        const { mean, logSd } = parts(outputs, params);
        return { mean, sd: add(zerosLike(mean), exp(logSd)) };
      },
    };
  },
});
