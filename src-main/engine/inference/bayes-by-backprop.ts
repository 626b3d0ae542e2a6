/** @file Mean-field variational inference with reparametrised weight draws. */
import { scalar } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { valuesAndGrad } from '../numerics/autodiff';
import { boundMetrics, evidenceBound, type Estimator } from './evidence-bound';
import { divergenceOf } from './kl-divergence';
import { meanField, meanFieldProblems, meanFieldSwitches } from './mean-field';
import { drawsSetting, klSetting, meanFieldSettings } from './mean-field-settings';
import { defineMethod } from './method';
import { bySd, weightsOf } from './weight-draw';

/** One set of weights for the whole batch. With g = ∂/∂w of a draw, ∂/∂mean = g and ∂/∂σ = g · noise: only the network is differentiated. */
export const byWeights: Estimator = (target, draw, batch, key, weights) => {
  const { values, grads } = valuesAndGrad(
    (params) => ({ logLikelihood: target.logLikelihood(params, batch, key), logPrior: weights.logPrior ? target.logPrior(params) : scalar(0) }),
    { logPrior: scalar(0), ...weights },
    weightsOf(draw),
  );
  return { ...values, mean: grads, sd: bySd(grads, draw) };
};

/** Maximises the evidence lower bound of a factorised Gaussian posterior. */
export const bayesByBackprop = defineMethod({
  id: 'bbp',
  title: 'Bayes by Backprop',
  reference: 'Blundell et al. (2015), Weight Uncertainty in Neural Networks, sec. 3.2',
  help: 'Learns a mean and a standard deviation for every weight by maximising the evidence lower bound with random weight draws. Twice the parameters of an ordinary network, and uncertainty in every prediction.',
  settings: z.strictObject({
    draws: drawsSetting(3),
    firstEpochDraws: z
      .int()
      .min(1)
      .max(100)
      .default(10)
      .meta({ title: 'Draws in the first epoch', description: 'The reference uses 10 while the weights are still far off.', advanced: true }),
    kl: klSetting('monte-carlo'),
    ...meanFieldSettings,
  }),
  converges: 'mean-field',
  randomDraws: true,
  switches: meanFieldSwitches,
  metrics: boundMetrics,
  problems: (target, settings) => meanFieldProblems('Bayes by Backprop', target, settings),
  build: (target, settings) =>
    meanField(target, settings, {
      objective: evidenceBound({ estimate: byWeights, divergence: divergenceOf(settings.kl), temperature: settings.temperature }),
      ...settings,
    }),
});
