/** @file Studies over stored runs, and the typed result of each kind. */
import { z } from 'zod';
import { ErrorReport } from './errors';
import { EntryId, ExperimentId, RunId } from './ids';

/** Total, aleatoric, epistemic: always in this order. Entropies in nats for classes; standard deviations in target units for regression. */
export const Decomposition = z.object({ total: z.number(), aleatoric: z.number(), epistemic: z.number() });
export type Decomposition = z.infer<typeof Decomposition>;

/** What the first draws of a prediction give, while the others are under way. */
export const PartialPrediction = z.object({
  rows: z.string(), // of which dataset
  draws: z.int(), // done
  of: z.int(),
  /** Against the labels, where they mean something: share of wrong classes or RMSE, and the NLL per row. */
  error: z.object({ label: z.string(), value: z.number(), unit: z.string() }).nullable(),
  nll: z.number().nullable(), // nats
  uncertainty: Decomposition, // means over the rows
  unit: z.string(),
  standardError: Decomposition.nullable(), // of these over the draws; null for the first
});
export type PartialPrediction = z.infer<typeof PartialPrediction>;

export const Experiment = z.object({
  id: ExperimentId,
  kind: EntryId,
  runs: z.array(RunId).min(1),
  settings: z.record(z.string(), z.json()),
  status: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled', 'interrupted']),
  progress: z.object({ fraction: z.number().min(0).max(1), message: z.string(), partial: PartialPrediction.optional() }).nullable(),
  error: ErrorReport.nullable(),
  createdAt: z.number(),
  endedAt: z.number().nullable(),
});
export type Experiment = z.infer<typeof Experiment>;

/** Whether it can go on from what it had computed. */
export const isResumable = ({ status }: Pick<Experiment, 'status'>): boolean => status === 'cancelled' || status === 'interrupted' || status === 'failed';

/** Whose posterior a part of a result is about, and how many draws of it. */
export const StudiedRun = z.object({ run: z.string(), name: z.string(), dataset: z.string(), draws: z.int() });

/** One test image with everything the posterior says of it. */
export const ExaminedImage = z.object({
  row: z.int(), // index in the test part
  label: z.int(),
  pixels: z.array(z.int().min(0).max(255)), // [height × width]
  probabilities: z.array(z.number()), // [classes], mean predictive
  votes: z.array(z.int()), // [classes], draws whose arg-max is the class
  uncertainty: Decomposition,
});
export type ExaminedImage = z.infer<typeof ExaminedImage>;

/** Means per bin of equal width over (0, 1]; 0 and the bin's centre where it is empty. */
export const Reliability = z.object({
  confidence: z.array(z.number()),
  accuracy: z.array(z.number()),
  count: z.array(z.int()),
  /** A few test rows of each bin; unknown of results of the first version. */
  examples: z.array(z.array(z.int())).optional(),
});
export type Reliability = z.infer<typeof Reliability>;

/** Of a Laplace approximation: log p(D) in nats under the prior's precision in use, as a multiple of the one trained with. */
const Evidence = z.object({ logMarginalLikelihood: z.number(), precision: z.number() });

const ClassificationEvaluation = z.object({
  task: z.literal('classification'),
  dataset: z.string(),
  classes: z.array(z.string()),
  imageShape: z.tuple([z.int(), z.int()]).nullable(),
  rows: z.int(),
  draws: z.int(),
  errors: z.int(),
  error: z.number(), // fraction in [0, 1]
  nll: z.number(), // nats per row, −log mean_s p_s
  nllSum: z.number(), // nats over the test part
  brier: z.number(),
  ece: z.number(), // 15 equal-width bins
  reliability: Reliability,
  confusion: z.array(z.array(z.int())), // [true][predicted]
  evidence: Evidence.optional(),
  uncertainty: z.object({
    mean: Decomposition,
    meanOfErrors: Decomposition.nullable(),
    /** Of `mean` over the draws. */ standardError: Decomposition.optional(),
  }),
  histogram: z.object({ edges: z.array(z.number()), total: z.array(z.int()), aleatoric: z.array(z.int()), epistemic: z.array(z.int()) }),
  images: z.array(ExaminedImage), // the most uncertain first
  /** Per test row: what a scatter or a table needs. [rows] each. */
  perRow: z.object({
    label: z.array(z.int()),
    predicted: z.array(z.int()),
    total: z.array(z.number()),
    epistemic: z.array(z.number()),
    nll: z.array(z.number()),
  }),
});

const RegressionEvaluation = z.object({
  task: z.literal('regression'),
  dataset: z.string(),
  rows: z.int(),
  draws: z.int(),
  rmse: z.number(), // target units
  nll: z.number(), // nats per row, of the Gaussian mixture
  nllMomentMatched: z.number(),
  coverage: z.number().optional(), // share of the targets in the central 90 % of the mixture; unknown of results of the first version
  uncertainty: z.object({ mean: Decomposition, /** Of `mean` over the draws. */ standardError: Decomposition.optional() }),
  target: z.object({ name: z.string(), unit: z.string() }),
  evidence: Evidence.optional(),
  /** Present for one-dimensional inputs: the predictive on a grid, beside the exact GP where the dataset has one. */
  bands: z
    .object({
      x: z.array(z.number()),
      mean: z.array(z.number()),
      total: z.array(z.number()),
      aleatoric: z.array(z.number()),
      epistemic: z.array(z.number()),
      exact: z.object({ mean: z.array(z.number()), total: z.array(z.number()), epistemic: z.array(z.number()) }).nullable(),
      train: z.object({ x: z.array(z.number()), y: z.array(z.number()) }),
      test: z.object({ x: z.array(z.number()), y: z.array(z.number()) }),
    })
    .nullable(),
});

/** Result of the `evaluate` experiment. */
export const Evaluation = z.discriminatedUnion('task', [ClassificationEvaluation, RegressionEvaluation]);
export type Evaluation = z.infer<typeof Evaluation>;
export type ClassificationEvaluation = z.infer<typeof ClassificationEvaluation>;
export type RegressionEvaluation = z.infer<typeof RegressionEvaluation>;
