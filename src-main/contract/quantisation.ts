/** @file Result of the `quantisation` experiment: a posterior in single precision beside the same draws in 8-bit integers. */
import { z } from 'zod';
import { StudiedRun } from './experiment';

/** In single precision, and in 8-bit integers. */
const Pair = z.tuple([z.number(), z.number()]);

export const QuantisedRun = StudiedRun.extend({
  rows: z.int(), // test rows measured
  calibrationRows: z.int(), // training rows that the ranges were measured on
  threads: z.int(),
  /** Models of all draws. */
  bytes: Pair,
  milliseconds: Pair, // for 1,000 rows, all draws
  /** Error, NLL and ECE of classes, RMSE and NLL of targets; then the uncertainty. Errors and ECE in %. */
  scores: z.array(z.object({ name: z.string(), unit: z.string(), values: Pair })).min(1),
  /** Share of the rows whose most probable class is the same; null for targets. */
  agreement: z.number().nullable(),
  /** Of some of the rows, evenly spaced: mutual information in nats, or the epistemic standard deviation in target units. */
  epistemic: z.object({ unit: z.string(), float: z.array(z.number()), integer: z.array(z.number()) }),
});
export type QuantisedRun = z.infer<typeof QuantisedRun>;

export const Quantised = z.object({ runs: z.array(QuantisedRun).min(1) });
export type Quantised = z.infer<typeof Quantised>;
