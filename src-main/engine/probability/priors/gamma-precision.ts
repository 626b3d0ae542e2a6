/** @file A Gaussian whose precision, one for each tensor, has a Gamma hyperprior and is integrated out. */
import { add, log1p, mul, square, sum } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { logGamma } from '../../numerics/log-gamma';
import { definePrior } from '../prior';

/**
 * w ~ N(0, 1/λ) for all n weights of a tensor, λ ~ Gamma(a, rate b). With λ integrated out
 * log p(w) = log Γ(a + n/2) − log Γ(a) − n/2 log 2πb − (a + n/2) log(1 + Σw²/2b), a multivariate Student t.
 */
export const gammaPrecision = definePrior({
  id: 'gamma-precision',
  title: 'Gaussian, learnt precision',
  reference: 'Gelman et al. (2013), Bayesian Data Analysis, sec. 3.2; Chen, Fox & Guestrin (2014) for the hyperprior in networks',
  help: 'A Gaussian on each weight whose precision is not fixed but learnt, one for each weight matrix and bias, under a Gamma hyperprior. The precision is integrated out exactly, so that every method can use it.',
  settings: z.strictObject({
    shape: z
      .number()
      .min(1e-3)
      .max(1e4)
      .default(1)
      .meta({ title: 'Shape', description: 'a of the Gamma(a, b) hyperprior; its mean precision is a/b.', scale: 'log' }),
    rate: z
      .number()
      .min(1e-6)
      .max(1e4)
      .default(0.1)
      .meta({ title: 'Rate', description: 'b of the Gamma(a, b) hyperprior. √(b/a) is the usual size of a weight.', scale: 'log' }),
  }),
  build({ shape, rate }) {
    const constant = (n: number) => logGamma(shape + n / 2) - logGamma(shape) - (n / 2) * Math.log(2 * Math.PI * rate);
    return {
      joint: true,
      logDensity: (w) => add(mul(log1p(mul(sum(square(w)), 0.5 / rate)), -(shape + w.size / 2)), constant(w.size)),
      density: (w) => constant(1) - (shape + 0.5) * Math.log1p((0.5 / rate) * w ** 2),
    };
  },
});
