/** @file Result of the `prior-precision` experiment. */
import { z } from 'zod';
import { StudiedRun } from './experiment';

export const RefittedRun = StudiedRun.extend({
  /** Held-out rows that were predicted; 0 where none were held out. */
  rows: z.int(),
  /** Multiples of the precision of the prior trained with, ascending; `current` is the one in use. */
  current: z.number(),
  precision: z.array(z.number()).min(2),
  logEvidence: z.array(z.number()), // nats
  /** On the held-out rows, empty without any. */
  nll: z.array(z.number()), // nats per row
  /** Expected calibration error of classes, a fraction in [0, 1]; root mean square error of targets, in their units. */
  score: z.object({ name: z.enum(['ECE', 'RMSE']), values: z.array(z.number()) }),
});
export type RefittedRun = z.infer<typeof RefittedRun>;

export const PriorPrecision = z.object({ runs: z.array(RefittedRun).min(1) });
export type PriorPrecision = z.infer<typeof PriorPrecision>;
