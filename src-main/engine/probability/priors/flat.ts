/** @file No prior: every value equally plausible. */
import { scalar } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { definePrior } from '../prior';

/** log p(w) = 0, improper. */
export const flat = definePrior({
  id: 'flat',
  title: 'Flat',
  reference: 'Improper uniform prior',
  help: 'No preference among weights: MAP becomes maximum likelihood. It is not a distribution, so variational methods refuse it.',
  settings: z.strictObject({}),
  build: () => ({ logDensity: () => scalar(0), density: () => 0, improper: true as const }),
});
