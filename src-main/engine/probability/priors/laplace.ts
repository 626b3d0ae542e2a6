/** @file Laplace(0, b): a prior that favours weights at zero. */
import { abs, add, div, erf, exp, log, mul, neg, square, sub, sum } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { definePrior } from '../prior';

/** log p(w) = −|w|/b − log 2b. */
export const laplace = definePrior({
  id: 'laplace',
  title: 'Laplace',
  reference: 'Laplace density; closed-form KL from E|w| of the folded normal (Leone et al. 1961)',
  help: 'Independent Laplace(0, b) on each weight: a sharper peak at zero and heavier tails than a Gaussian, as in the lasso.',
  settings: z.strictObject({
    scale: z
      .number()
      .min(1e-6)
      .max(1e3)
      .default(0.1)
      .meta({ title: 'Scale', description: 'b in exp(−|w|/b)/2b. The standard deviation is √2 b.', scale: 'log' }),
  }),
  build: ({ scale }) => ({
    logDensity: (w) => sub(mul(sum(abs(w)), -1 / scale), w.size * Math.log(2 * scale)),
    klFromGaussian(mean, deviation) {
      // E|w| = σ √(2/π) exp(−μ²/2σ²) + μ erf(μ/(σ√2))
      const ratio = div(mean, deviation);
      const folded = add(mul(mul(deviation, Math.sqrt(2 / Math.PI)), exp(mul(square(ratio), -0.5))), mul(mean, erf(mul(ratio, Math.SQRT1_2))));
      const negativeEntropy = neg(add(log(deviation), 0.5 * Math.log(2 * Math.PI * Math.E)));
      return sum(add(add(negativeEntropy, mul(folded, 1 / scale)), Math.log(2 * scale)));
    },
    density: (w) => -Math.abs(w) / scale - Math.log(2 * scale),
  }),
});
