/** @file What an experiment is: a study over trained runs. Capabilities in, validated result out; it knows neither store nor jobs. */
import { z } from 'zod';
import type { PartialPrediction } from '../contract/experiment';
import type { PreparedDataset } from '../datasets/dataset';
import type { Chains } from '../engine/training/chain-draws';
import type { Posterior } from '../engine/training/posterior';
import type { PrecisionPredictive } from '../engine/training/quantisation';
import type { PriorPrecision } from '../engine/training/refit';
import type { WeightPosterior } from '../engine/training/weight-posterior';

/** A stored run, opened for a study. */
export interface TrainedRun {
  readonly id: string;
  readonly name: string;
  /** The data it was trained on. */
  readonly dataset: PreparedDataset;
  readonly posterior: Posterior;
  readonly weights: WeightPosterior;
  /** The same predictions by stand-alone models, in single precision or in 8-bit integers. */
  readonly precision: PrecisionPredictive;
  /** Present where the prior’s precision can be changed after training. */
  readonly priorPrecision?: PriorPrecision;
  /** The chains whose draws it kept; absent where it kept none. */
  readonly chains?: Chains;
}

export interface ExperimentContext {
  readonly runs: readonly TrainedRun[];
  readonly signal: AbortSignal;
  /** The test part of another dataset, registered or imported, with its default settings but scaled like the data of a run. @throws what loading throws */
  loadDataset(id: string, scaling: PreparedDataset['scaling']): Promise<PreparedDataset>;
  /** fraction in [0, 1]; `partial`: what is known so far */
  report(fraction: number, message: string, partial?: PartialPrediction): void;
}

export interface ExperimentKind<Settings extends z.ZodObject = z.ZodObject, Result extends z.ZodType = z.ZodType> {
  readonly id: string;
  readonly title: string;
  readonly reference: string;
  readonly help: string;
  readonly settings: Settings;
  /** The contract's schema of the stored result. */
  readonly result: Result;
  run(context: ExperimentContext, settings: z.output<Settings>): Promise<z.output<Result>>;
}

/** The setting of every experiment whose only chance is in the draws. */
export const drawSeed = z
  .int()
  .min(0)
  .max(2 ** 31 - 1)
  .default(1)
  .meta({ title: 'Seed', description: 'Fixes the draws.', advanced: true });

export const defineExperiment = <Settings extends z.ZodObject, Result extends z.ZodType>(
  kind: ExperimentKind<Settings, Result>,
): ExperimentKind<Settings, Result> => kind;

/** The study of each run in turn; one run's progress is its share of the whole. */
export async function ofEachRun<Result>(
  context: ExperimentContext,
  study: (run: TrainedRun, context: ExperimentContext) => Promise<Result>,
): Promise<Result[]> {
  const { runs } = context;
  const results: Result[] = [];
  for (const [i, run] of runs.entries()) {
    const report: ExperimentContext['report'] = (fraction, message, partial) =>
      context.report((i + fraction) / runs.length, runs.length > 1 ? `${run.name}: ${message}` : message, partial);
    results.push(await study(run, { ...context, report }));
  }
  return results;
}
