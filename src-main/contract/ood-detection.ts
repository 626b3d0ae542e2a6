/** @file Result of the `ood-detection` experiment. */
import { z } from 'zod';
import { EntryId } from './ids';

/** A detection score with its percentile bootstrap interval. */
const Estimate = z.object({ value: z.number(), low: z.number(), high: z.number() });
export type Estimate = z.infer<typeof Estimate>;

/** The out-of-distribution rows are the positive class. Shares in [0, 1]. */
const Detection = z.object({ auroc: Estimate, aupr: Estimate, fpr95: Estimate });
export type Detection = z.infer<typeof Detection>;

/** One measure of one set: rows per bin, and the share of rows above each point of the grid (1 − ECDF). */
const Distribution = z.object({
  count: z.array(z.int()),
  /** A few test rows of each bin; unknown of results of the first version. */
  examples: z.array(z.array(z.int())).optional(),
  survival: z.array(z.number()),
  mean: z.number(),
});
export type Distribution = z.infer<typeof Distribution>;

/** One set of rows as the posterior sees it; entropies in nats. */
const SeenSet = z.object({
  title: z.string(),
  rows: z.int(),
  /** Where the rows come from; null: images made for the study. Absent: the run's own dataset. */
  dataset: EntryId.nullable().optional(),
  total: Distribution,
  epistemic: Distribution,
});
export type SeenSet = z.infer<typeof SeenSet>;

export const OodDetection = z.object({
  /** Probability that a bootstrap interval is meant to cover. */
  coverage: z.number(),
  runs: z
    .array(
      z.object({
        run: z.string(),
        name: z.string(),
        draws: z.int(),
        edges: z.array(z.number()), // of the bins, nats, [bins + 1]
        grid: z.array(z.number()), // of the survival curves, nats
        inside: SeenSet, // the run's own test part
        outside: SeenSet,
        /** By total entropy, mutual information and negated largest mean probability. */
        detection: z.object({ total: Detection, epistemic: Detection, maxProbability: Detection }),
      }),
    )
    .min(1),
});
export type OodDetection = z.infer<typeof OodDetection>;
export type OodRun = OodDetection['runs'][number];
