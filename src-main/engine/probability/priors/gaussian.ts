/** @file N(0, sd²): weight decay's prior. */
import { add, log, mul, square, sub, sum } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { definePrior } from '../prior';

const logSqrt2Pi = 0.5 * Math.log(2 * Math.PI);

/** log p(w) = −w²/(2 sd²) − log sd − ½ log 2π. */
export const gaussian = definePrior({
  id: 'gaussian',
  title: 'Gaussian',
  reference: 'Blundell et al. (2015), Weight Uncertainty in Neural Networks, sec. 3.3 with one component',
  help: 'Independent N(0, sd²) on each weight. The usual choice; small sd pulls the weights to zero. For MAP it is weight decay of 1/(N sd²) on the mean loss of N rows; the run’s log says the number. Differs from the reference repository, which adds its decay once per minibatch: its 0.01 on MNIST is an sd of 0.46.',
  settings: z.strictObject({
    sd: z
      .number()
      .min(1e-6)
      .max(1e3)
      .default(0.1)
      .meta({ title: 'Standard deviation', description: 'Prior spread of each weight. The reference uses 0.1 for MNIST, 1 for toy regression.', scale: 'log' }),
  }),
  build: ({ sd }) => ({
    logDensity: (w) => sub(mul(sum(square(w)), -0.5 / sd ** 2), w.size * (Math.log(sd) + logSqrt2Pi)),
    // Σ log(sd/σ) + (σ² + μ²)/(2 sd²) − ½
    klFromGaussian: (mean, deviation) => sum(sub(add(mul(add(square(mean), square(deviation)), 0.5 / sd ** 2), Math.log(sd) - 0.5), log(deviation))),
    precision: 1 / sd ** 2,
    density: (w) => -0.5 * (w / sd) ** 2 - Math.log(sd) - logSqrt2Pi,
  }),
});
