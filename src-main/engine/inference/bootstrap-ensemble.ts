/** @file Several networks, each trained on a resample of the rows. */
import { z } from 'zod';
import { members } from './deep-ensemble';
import { defineMethod } from './method';
import { pointEstimate, pointMetrics, pointSettings } from './point-estimate';

/** K modes, each of the posterior given its own resample; its objective is per row of the whole set. */
export const bootstrapEnsemble = defineMethod({
  id: 'bootstrap-ensemble',
  title: 'Bootstrap ensemble',
  reference: 'Efron (1979), Bootstrap methods, sec. 1; sub-sampling without replacement as in the reference repository',
  help: 'Trains several networks side by side, each on a random resample of the training rows, and averages what they predict: how far the answer hangs on which rows happened to be seen.',
  settings: z.strictObject({
    members,
    resample: z.enum(['with-replacement', 'without-replacement']).default('with-replacement').meta({
      title: 'Resample',
      description:
        'with-replacement: as many rows as there are, drawn at random, some more than once. without-replacement: each row is kept with the probability below, as in the reference repository.',
    }),
    rate: z
      .number()
      .min(0.01)
      .max(1)
      .default(0.8)
      .meta({ title: 'Share kept', description: 'Probability with which a member keeps a row.', when: { resample: ['without-replacement'] } }),
    ...pointSettings,
  }),
  converges: 'heuristic',
  randomDraws: true,
  switches: ['sample', 'trainable'],
  metrics: pointMetrics,
  build: (target, settings) => ({
    ...pointEstimate(target, settings, settings.members),
    resampling: settings.resample === 'with-replacement' ? { kind: 'bootstrap' } : { kind: 'subsample', rate: settings.rate },
  }),
});
