/** @file The β-NLL objective: Gaussian noise per input whose gradients do not fade where the noise seems large. */
import { add, exp, mul, neg, square, sub, sum } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { stopGradient } from '../../numerics/autodiff';
import { defineLikelihood } from '../likelihood';
import { noiseLevel } from '../noise-level';

/** The value log N(y | μ, s²), summed over the targets; the gradient of each target is weighted by s^{2β}. */
export const betaNll = defineLikelihood({
  id: 'beta-nll',
  title: 'β-NLL',
  reference: 'Seitzer et al. (2022), On the Pitfalls of Heteroscedastic Uncertainty Estimation with Probabilistic Neural Networks, eq. 5',
  help: 'Gaussian noise per input, with each row’s gradient weighted by the noise variance to the power β: the mean is then fitted also where the noise seems large. An objective of training, not a likelihood: the reported values are those of the Gaussian.',
  task: 'regression',
  trainingOnly: 'Gaussian with noise per input',
  settings: z.strictObject({
    beta: z.number().min(0).max(1).default(0.5).meta({ title: 'β', description: '0 is the Gaussian likelihood; 1 fits the mean as least squares do.' }),
  }),
  build({ beta }, { outputs: targets }) {
    const { outputs, parameters, parts } = noiseLevel({ noise: 'per-input', sd: 1 }, targets);
    return {
      task: 'regression',
      outputs,
      parameters,
      logDensity(outputs, y, params) {
        const { mean, logScale } = parts(outputs, params);
        const halfSquares = mul(square(mul(sub(y, mean), exp(neg(logScale)))), 0.5);
        const density = neg(add(add(halfSquares, logScale), 0.5 * Math.log(2 * Math.PI)));
        const value = stopGradient(density);
        // The value is that of the density: the weighted difference is 0, but not its gradient.
        return sum(add(value, mul(stopGradient(exp(mul(logScale, 2 * beta))), sub(density, value))), -1);
      },
      predict(outputs, params) {
        const { mean, logScale } = parts(outputs, params);
        return { mean, sd: exp(logScale) };
      },
    };
  },
});
