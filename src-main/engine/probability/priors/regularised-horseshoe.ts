/** @file The horseshoe with a slab: no weight grows without bounds. */
import { z } from 'zod';
import { horseshoeFamily } from '../horseshoe';
import { definePrior } from '../prior';
import { globalScale } from './horseshoe';

/** w = z τ λ/√(1 + τ²λ²/c²), see `horseshoeFamily`. */
export const regularisedHorseshoe = definePrior({
  id: 'regularised-horseshoe',
  title: 'Regularised horseshoe',
  reference: 'Piironen & Vehtari (2017), Sparsity information and regularization in the horseshoe and other shrinkage priors, eq. 2.8, with a fixed slab',
  help: 'The horseshoe, but weights that escape it meet a Gaussian slab. Point estimates are those of the standardised weights and scales, whose density is bounded.',
  settings: z.strictObject({
    global: globalScale,
    slab: z
      .number()
      .min(1e-6)
      .max(1e3)
      .default(1)
      .meta({ title: 'Slab', description: 'c: standard deviation of the weights that are not shrunk.', scale: 'log' }),
  }),
  build: horseshoeFamily,
});
