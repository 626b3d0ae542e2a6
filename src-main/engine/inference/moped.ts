/** @file MOPED: a Bayesian network that starts from the trained weights w of an ordinary one: means at w, σ = δ |w|, and on request a prior around w. */
import { sub } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { mapParams, type Params } from '../numerics/tree';
import type { Prior } from '../probability/prior';
import type { Target } from './method';

/** @see Krishnan, Subedar & Tickoo (2020), Specifying Weight Priors in Bayesian Deep Neural Networks with Empirical Bayes, eq. 6 */
export const mopedSettings = {
  moped: z.enum(['off', 'posterior', 'prior']).default('off').meta({
    title: 'MOPED',
    description:
      'For a run that starts from another run’s trained weights w. off: only the means start there. posterior: σ starts at δ |w| too. prior: and the prior has its means at w instead of 0.',
  }),
  mopedDelta: z
    .number()
    .min(0.001)
    .max(10)
    .default(0.1)
    .meta({ title: 'MOPED δ', description: 'Initial σ as a share of |w|; the papers use 0.1 to 0.5.', scale: 'log', when: { moped: ['posterior', 'prior'] } }),
};

/** The target whose priors have their means at the given weights. */
export const centredOn = (target: Target, centre: Params): Target => ({
  ...target,
  prior: Object.fromEntries(Object.entries(target.prior).map(([name, prior]) => [name, centre[name] ? shifted(prior, centre[name]) : prior])),
  logPrior: (params) => target.logPrior(mapParams((name, w) => (centre[name] ? sub(w, centre[name]) : w), params)),
});

function shifted(prior: Prior, centre: Params[string]): Prior {
  const { klFromGaussian } = prior;
  return {
    ...prior,
    logDensity: (w) => prior.logDensity(sub(w, centre)),
    ...(klFromGaussian && { klFromGaussian: (mean, sd) => klFromGaussian(sub(mean, centre), sd) }),
  };
}
