/** @file Results of the `weights` and `pruning` experiments. */
import { z } from 'zod';
import { StudiedRun } from './experiment';

/** Density of some numbers over bins of equal width. */
const Density = z.object({ name: z.string(), density: z.array(z.number()) });

const LayerWeights = z.object({
  name: z.string(), // of the tensor; 'all kernels' together
  weights: z.int(),
  /** Mean of |μ|, of σ, and of the draws' spread around 0. */
  meanSize: z.number(),
  meanSd: z.number(),
  /** Share of weights with |μ|/σ below 1. */
  uncertain: z.number(),
  /** Bin edges, [bins + 1]: of means, draws and prior; and of σ. */
  edges: z.array(z.number()),
  densities: z.array(Density), // 'means', 'draws', 'prior'
  sdEdges: z.array(z.number()),
  sdDensity: z.array(z.number()), // empty where there is no spread
});

export const WeightHistograms = z.object({
  runs: z.array(StudiedRun.extend({ exact: z.boolean(), layers: z.array(LayerWeights).min(1) })).min(1),
});
export type WeightHistograms = z.infer<typeof WeightHistograms>;
export type LayerWeights = z.infer<typeof LayerWeights>;
export type WeighedRun = WeightHistograms['runs'][number];

/** Of a tensor at a checkpoint: means and standard deviations of its posterior where the method knows them, else the weights of a draw. */
export const courseStatistics = ['mean', 'sd', 'weight'] as const;
export type CourseStatistic = (typeof courseStatistics)[number];
/** Over the entries of a tensor. */
export const courseQuantiles = [0.05, 0.25, 0.5, 0.75, 0.95] as const;
/** What the metric of the scope 'checkpoint' is called. */
export const courseMetric = (tensor: string, statistic: CourseStatistic, quantile: number): string => `${statistic}/${tensor}/${quantile}`;

/** What is left after the weights that matter least were removed. */
const Pruned = z.object({
  removed: z.number(), // share of all Bayesian weights
  kept: z.int(),
  threshold: z.number().nullable(), // value of the criterion below which weights were removed; null when none was
  error: z.number(), // fraction in [0, 1]
  nll: z.number(), // nats per row
});

export const Pruning = z.object({
  runs: z
    .array(
      StudiedRun.extend({
        rows: z.int(),
        weights: z.int(),
        exact: z.boolean(),
        /** By signal-to-noise ratio |μ|/σ in dB (10 log₁₀), and by KL divergence to the prior in nats. */
        criteria: z.array(z.object({ id: z.enum(['snr', 'kl']), title: z.string(), unit: z.string(), points: z.array(Pruned).min(1) })).min(1),
      }),
    )
    .min(1),
});
export type Pruning = z.infer<typeof Pruning>;
export type PrunedRun = Pruning['runs'][number];
