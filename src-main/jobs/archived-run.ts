/** @file What a .credence file says of its run, entry by entry. */
import { z } from 'zod';
import { Experiment } from '../contract/experiment';
import { Artifact, Run, RunEvent, type MetricScope } from '../contract/run';

export const ArchivedMetrics = z.object({ names: z.array(z.string()), rows: z.int().min(0) });
export type ArchivedMetrics = z.infer<typeof ArchivedMetrics>;

/** run.json */
export const RunDocument = Run.omit({ deletedAt: true, createdAt: true, hasCheckpoint: true, keptDraws: true }).extend({
  status: z.enum(['interrupted', 'stopped', 'succeeded', 'failed']),
  /** The entry metrics-<scope>.f64 holds `rows` rows of float64, little-endian: the step, then a value for each name; NaN where it was not measured. */
  metrics: z.object({ step: ArchivedMetrics, epoch: ArchivedMetrics, checkpoint: ArchivedMetrics.optional() }), // files of the first versions lack the last
  files: z.array(Artifact.pick({ kind: true, step: true, createdAt: true }).extend({ name: z.string().regex(/^[\w-][\w.-]*\.safetensors$/) })),
});
export type RunDocument = z.infer<typeof RunDocument>;

/** events.json */
export const Events = z.array(RunEvent);
/** experiments.json */
export const Results = z.array(Experiment.pick({ kind: true, settings: true, endedAt: true }).extend({ result: z.json() }));

export const metricsEntry = (scope: MetricScope): string => `metrics-${scope}.f64`;
export const weightsEntry = (name: string): string => `weights/${name}`;
