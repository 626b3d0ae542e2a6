/** @file Result of the `calibration` experiment. */
import { z } from 'zod';
import { Reliability, StudiedRun } from './experiment';

/** The probabilities as they are, or after a map fitted on held-out rows. */
const ClassVariant = z.object({
  id: z.enum(['uncalibrated', 'temperature', 'histogram-binning', 'isotonic']),
  title: z.string(),
  temperature: z.number().nullable(),
  error: z.number(), // fraction in [0, 1]
  nll: z.number(), // nats per row
  brier: z.number(),
  /** Calibration errors, fractions in [0, 1]: expected and largest over equal-width bins, adaptive over classes and equal-mass ranges. */
  ece: z.number(),
  mce: z.number(),
  ace: z.number(),
  reliability: Reliability,
});

/** Share of test rows below the quantile of each probability; of one on the diagonal the predictive is calibrated. */
const QuantileVariant = z.object({
  id: z.enum(['uncalibrated', 'isotonic']),
  title: z.string(),
  share: z.array(z.number()), // at each of `levels`
  /** Mean |share − level|. */
  calibrationError: z.number(),
  /** Share of test rows inside the central 90 % interval. */
  covered: z.number(),
});

const Fitted = StudiedRun.extend({
  rows: z.int(), // measured on
  /** Held out of training and of `rows`. */
  fitted: z.object({ part: z.enum(['validation', 'half-of-test']), rows: z.int() }),
});

export const Calibration = z.object({
  runs: z
    .array(
      z.discriminatedUnion('task', [
        Fitted.extend({ task: z.literal('classification'), variants: z.array(ClassVariant).min(1) }),
        Fitted.extend({ task: z.literal('regression'), levels: z.array(z.number()), variants: z.array(QuantileVariant).min(1) }),
      ]),
    )
    .min(1),
});
export type Calibration = z.infer<typeof Calibration>;
export type CalibratedRun = Calibration['runs'][number];
export type CalibratedClasses = Extract<CalibratedRun, { task: 'classification' }>;
export type CalibratedTargets = Extract<CalibratedRun, { task: 'regression' }>;
