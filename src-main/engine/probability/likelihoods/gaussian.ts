/** @file Real targets with Gaussian noise: one learnt level, a level per input, or a fixed one. */
import { add, broadcastTo, concat, exp, mul, neg, square, sub, sum, tensor1d, zerosLike } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { defineLikelihood } from '../likelihood';
import { normal } from '../../numerics/random';
import { noiseLevel, noiseSettings } from '../noise-level';

/** log p(y | μ, s) = −½ ((y − μ)/s)² − log s − ½ log 2π, summed over the targets; s is parametrised by its logarithm. */
export const gaussian = defineLikelihood({
  id: 'gaussian',
  title: 'Gaussian',
  reference: 'Nix & Weigend (1994) for noise per input',
  help: 'The target is the network’s mean plus Gaussian noise: of one level learnt with the weights, of a level that the network predicts for each input, or of a level you fix.',
  task: 'regression',
  settings: z.strictObject(noiseSettings),
  build(settings, { outputs: targets }) {
    const { outputs, parameters, parts } = noiseLevel(settings, targets);
    return {
      task: 'regression',
      outputs,
      parameters,
      logDensity(outputs, y, params) {
        const { mean, logScale } = parts(outputs, params);
        const halfSquares = mul(square(mul(sub(y, mean), exp(neg(logScale)))), 0.5);
        return neg(sum(add(add(halfSquares, logScale), 0.5 * Math.log(2 * Math.PI)), -1));
      },
      curvature: {
        // Of (μ, log s): diag(1/s², 2).
        root(outputs, params) {
          const { mean, logScale } = parts(outputs, params);
          const scales = broadcastTo(exp(neg(logScale)), mean.shape);
          const all = settings.noise === 'per-input' ? concat([scales, add(zerosLike(mean), Math.SQRT2)], -1) : scales;
          const unit = (k: number) => tensor1d(Array.from({ length: all.shape.at(-1)! }, (_, j) => Number(j === k)));
          return Array.from({ length: all.shape.at(-1)! }, (_, k) => mul(all, unit(k)));
        },
        sampledScore(outputs, params, key) {
          const { mean, logScale } = parts(outputs, params);
          const noise = normal(key, mean.shape);
          const score = mul(noise, exp(neg(logScale)));
          return settings.noise === 'per-input' ? concat([score, sub(1, square(noise))], -1) : score;
        },
      },
      predict(outputs, params) {
        const { mean, logScale } = parts(outputs, params);
        return { mean, sd: add(zerosLike(mean), exp(logScale)) };
      },
    };
  },
});
