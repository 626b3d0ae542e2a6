/** @file The horseshoe: most weights next to zero, a few left alone. */
import { z } from 'zod';
import { horseshoeFamily } from '../horseshoe';
import { definePrior } from '../prior';

export const globalScale = z
  .number()
  .min(1e-6)
  .max(1e3)
  .default(0.1)
  .meta({
    title: 'Global scale',
    description: 'Scale of the half-Cauchy prior of τ, shared by a whole weight matrix: small values ask for sparser weights.',
    scale: 'log',
  });

/** w = z τ λ, see `horseshoeFamily`. */
export const horseshoe = definePrior({
  id: 'horseshoe',
  title: 'Horseshoe',
  reference: 'Carvalho, Polson & Scott (2010), The horseshoe estimator for sparse signals, sec. 2; Ghosh, Yao & Doshi-Velez (2018) in networks, non-centred',
  help: 'A scale for each weight under one for the whole tensor, both half-Cauchy: an infinite spike at zero and very heavy tails, so that most weights vanish and a few stay as large as they like. Doubles the parameters; for samplers and for variational methods that draw weights.',
  settings: z.strictObject({ global: globalScale }),
  withoutMode: 'the regularised horseshoe',
  build: horseshoeFamily,
});
