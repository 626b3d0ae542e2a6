/** @file Cross-validation: one run document trained on many splits of a table, with settings chosen inside each training part. */
import { z } from 'zod';
import { ErrorReport } from './errors';
import { CrossValidationId } from './ids';
import { RunStatus } from './run';
import { RunSpec, SpecProblem } from './spec';

const GridPath = z
  .string()
  .regex(/^(method|prior|likelihood|training|architecture)\.[\w.-]+$/, 'is not a place in method, prior, likelihood, training or architecture');

/** Values to try at one place of the run's document, or at several that share them. */
export const GridAxis = z.object({
  paths: z.array(GridPath).min(1).max(4),
  values: z.array(z.number()).min(1).max(20),
  /** The values are in target units: each is divided by the standard deviation of the training targets. */
  targetUnits: z.boolean().default(false),
});
export type GridAxis = z.infer<typeof GridAxis>;

export const CrossValidationSpec = z.object({
  version: z.literal(1).default(1),
  name: z.string().max(120).default(''),
  /** What is trained on each split. Its dataset's settings say how the table is split; the test part is set for each split. */
  run: RunSpec,
  splits: z.int().min(0).max(1000).default(0).meta({ title: 'Splits', description: 'How many folds or standard splits are run. 0 means all.' }),
  grid: z.array(GridAxis).max(4).default([]),
  validationFraction: z.number().min(0.05).max(0.5).default(0.2).meta({
    title: 'Share held out to choose',
    description: 'Share of each training part on which the settings of the grid are compared. The best are then trained again on the whole training part.',
  }),
  criterion: z.enum(['log-likelihood', 'error']).default('log-likelihood').meta({
    title: 'Choose by',
    description: 'log-likelihood of the held-out rows, or their error: root mean squared for regression, share of wrong classes for classification.',
  }),
  draws: z.int().min(1).max(10_000).default(100).meta({ title: 'Draws', description: 'Weight draws averaged in each predictive.' }),
});
export type CrossValidationSpec = z.infer<typeof CrossValidationSpec>;
export type CrossValidationSpecInput = z.input<typeof CrossValidationSpec>;

/** Settings of the grid that are compared, one value for each axis; without a grid the run's own settings alone. */
export const candidatesOf = ({ grid }: Pick<CrossValidationSpec, 'grid'>): readonly (readonly number[])[] =>
  grid.reduce<readonly (readonly number[])[]>((combinations, { values }) => combinations.flatMap((one) => values.map((value) => [...one, value])), [[]]);

/** Scores by id; null = not finite, or not measured. */
export const Scores = z.record(z.string(), z.number().nullable());
export type Scores = z.infer<typeof Scores>;

/** One training: of a candidate on part of the training rows, or of the chosen one on all of them. Splits count from 1, candidates from 0. */
export const Fit = z.discriminatedUnion('type', [
  z.object({ type: z.literal('candidate'), split: z.int().min(1), candidate: z.int().min(0), validation: Scores, seconds: z.number() }),
  z.object({ type: z.literal('refit'), split: z.int().min(1), candidate: z.int().min(0), train: Scores, test: Scores, seconds: z.number() }),
]);
export type Fit = z.infer<typeof Fit>;
export type Refit = Extract<Fit, { type: 'refit' }>;

/** What a score is called, and whether more or less of it is better. */
export interface ScoreInfo {
  readonly id: string;
  readonly title: string;
  /** Unit, or null for that of the target. */
  readonly unit: string | null;
  readonly better: 'higher' | 'lower' | 'none';
}

export const scoreInfos: Readonly<Record<'regression' | 'classification', readonly ScoreInfo[]>> = {
  regression: [
    { id: 'rmse', title: 'RMSE', unit: null, better: 'lower' },
    { id: 'logLikelihood', title: 'Log-likelihood', unit: 'nats per row', better: 'higher' },
    { id: 'logLikelihoodMoments', title: 'Log-likelihood, moment-matched', unit: 'nats per row', better: 'higher' },
    { id: 'crps', title: 'CRPS', unit: null, better: 'lower' },
    { id: 'picp', title: 'Coverage of the 95 % interval', unit: '', better: 'none' },
    { id: 'mpiw', title: 'Width of the 95 % interval', unit: null, better: 'none' },
    { id: 'calibrationError', title: 'Calibration error', unit: '', better: 'lower' },
  ],
  classification: [
    { id: 'error', title: 'Error', unit: '', better: 'lower' },
    { id: 'logLikelihood', title: 'Log-likelihood', unit: 'nats per row', better: 'higher' },
    { id: 'brier', title: 'Brier score', unit: '', better: 'lower' },
    { id: 'calibrationError', title: 'Calibration error', unit: '', better: 'lower' },
  ],
};

/** Splits that will be run, and what stands against running them. */
export const CrossValidationCheck = z.object({ splits: z.int().min(0), problems: z.array(SpecProblem) });
export type CrossValidationCheck = z.infer<typeof CrossValidationCheck>;

export const CrossValidation = z.object({
  id: CrossValidationId,
  name: z.string(),
  status: RunStatus,
  spec: CrossValidationSpec,
  createdAt: z.number(), // ms since 1970
  endedAt: z.number().nullable(),
  /** Trainings done and planned. */
  fits: z.object({ done: z.int(), planned: z.int() }),
  /** Share of all work, and seconds to the end (null while unknown); null when not running. */
  progress: z.object({ fraction: z.number().min(0).max(1), message: z.string(), eta: z.number().nullable() }).nullable(),
  error: ErrorReport.nullable(),
});
export type CrossValidation = z.infer<typeof CrossValidation>;

/** Mean and standard error (sd/√n) of a score over splits. */
export const MeanAndError = z.object({ mean: z.number(), se: z.number() });
export type MeanAndError = z.infer<typeof MeanAndError>;

/** A row of the literature: scores by id, each over the standard splits. */
export const PublishedResult = z.object({ method: z.string(), source: z.string(), scores: z.record(z.string(), MeanAndError) });
export type PublishedResult = z.infer<typeof PublishedResult>;

/** Of the finite values; null where there is none. The standard error of a single value is 0. */
export function meanAndError(measured: readonly number[]): (MeanAndError & { readonly count: number }) | null {
  const values = measured.filter(Number.isFinite);
  if (values.length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return { mean, se: Math.sqrt(variance / values.length), count: values.length };
}

/** Over the splits where the score is finite; null where there is none. The standard error of a single split is 0. */
export function summarise(refits: readonly Refit[], part: 'train' | 'test', score: string): (MeanAndError & { readonly splits: number }) | null {
  const summary = meanAndError(refits.map((refit) => refit[part][score] ?? NaN));
  return summary && { mean: summary.mean, se: summary.se, splits: summary.count };
}
