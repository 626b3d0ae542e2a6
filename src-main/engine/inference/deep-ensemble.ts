/** @file Several networks, each trained from its own start. */
import { z } from 'zod';
import { defineMethod } from './method';
import { pointEstimate, pointMetrics, pointSettings } from './point-estimate';

export const members = z
  .int()
  .min(2)
  .max(1000)
  .default(5)
  .meta({ title: 'Members', unit: 'networks', description: 'Networks trained side by side, in one graph.' });

/** K modes of the posterior, each found from weights and an order of the rows of its own. */
export const deepEnsemble = defineMethod({
  id: 'deep-ensemble',
  title: 'Deep ensemble',
  reference:
    'Lakshminarayanan, Pritzel & Blundell (2017), Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles, algorithm 1 without adversarial training',
  help: 'Trains several networks side by side that differ only in their random start and in the order of the rows, and averages what they predict. Where they disagree, the data did not decide. A strong baseline; for regression choose Gaussian noise per input, as the paper does.',
  settings: z.strictObject({ members, ...pointSettings }),
  converges: 'heuristic',
  randomDraws: true,
  switches: ['sample', 'trainable'],
  metrics: pointMetrics,
  build: (target, settings) => ({ ...pointEstimate(target, settings, settings.members), resampling: { kind: 'none' } }),
});
