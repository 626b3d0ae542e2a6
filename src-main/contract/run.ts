/** @file A stored training: its state, progress, environment, metrics and events. */
import { z } from 'zod';
import { ErrorReport } from './errors';
import { RunId } from './ids';
import { RunSpec } from './spec';

/**
 * queued → running ⇄ paused → succeeded | stopped | failed; a killed process leaves `interrupted`.
 * Interrupted, stopped and failed runs with a checkpoint can be resumed (→ queued).
 */
export const RunStatus = z.enum(['queued', 'running', 'paused', 'interrupted', 'stopped', 'succeeded', 'failed']);
export type RunStatus = z.infer<typeof RunStatus>;

/** What must be equal for a resumed run to be bit-identical. */
export const Environment = z.object({
  app: z.string(),
  node: z.string(),
  /** Id of the backend; runs of the first versions do not tell. */
  backend: z.string().optional(),
  engine: z.string(), // 'onnxruntime-cpu 1.30.0'
  device: z.string(), // 'GPU – WebGPU: NVIDIA GeForce RTX 4070'
  threads: z.int(),
  platform: z.string(),
});
export type Environment = z.infer<typeof Environment>;

export const RunProgress = z.object({
  step: z.int().min(0),
  steps: z.int().min(0), // planned
  epoch: z.number().min(0), // fractional
  epochs: z.int().min(0),
  /** Steps per second over the last seconds; 0 when not running. */
  speed: z.number().min(0),
  /** Seconds to the end; null while unknown. */
  eta: z.number().nullable(),
  message: z.string(),
});
export type RunProgress = z.infer<typeof RunProgress>;

export const Run = z.object({
  id: RunId,
  name: z.string(),
  status: RunStatus,
  spec: RunSpec,
  createdAt: z.number(), // ms since 1970
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  deletedAt: z.number().nullable(), // in the trash since
  progress: RunProgress.nullable(),
  /** Last value of each metric, for lists. */
  latest: z.record(z.string(), z.number().nullable()),
  datasetHash: z.string().nullable(),
  environment: Environment.nullable(),
  error: ErrorReport.nullable(),
  hasCheckpoint: z.boolean(),
  /** Draws of a sampler or of snapshots that lie on the disk; absent where there are none. */
  keptDraws: z.int().optional(),
  parameters: z.int().nullable(), // scalars of the model
  /** Chosen after training, as a multiple of the precision of the prior trained with; null: as the run ended. For methods that can change it. */
  priorPrecision: z.number().positive().nullable().default(null),
});
export type Run = z.infer<typeof Run>;

/** When rows of metrics are measured: after each step, after an epoch, or at the start and each checkpoint (quantiles of the weights). */
export const MetricScope = z.enum(['step', 'epoch', 'checkpoint']);
export type MetricScope = z.infer<typeof MetricScope>;

/** What a metric is called on axes and in tables. */
export const MetricInfo = z.object({ id: z.string(), title: z.string(), unit: z.string(), scope: MetricScope });
export type MetricInfo = z.infer<typeof MetricInfo>;

/** Columns of metric rows. Shapes: `steps` [rows], `values` [rows × names], row-major; NaN = not measured at that step. */
export const MetricChunk = z.object({ names: z.array(z.string()), steps: z.instanceof(Float64Array), values: z.instanceof(Float64Array) });
export type MetricChunk = z.infer<typeof MetricChunk>;

export const RunEvent = z.object({
  time: z.number(),
  level: z.enum(['info', 'warning', 'error']),
  message: z.string(),
  step: z.int().nullable(),
});
export type RunEvent = z.infer<typeof RunEvent>;

/** A checkpoint or other file of a run. */
export const Artifact = z.object({
  run: RunId,
  kind: z.enum(['checkpoint', 'draws', 'result']),
  file: z.string(), // relative to the artifacts folder
  sha256: z.string(),
  bytes: z.int(),
  step: z.int(),
  createdAt: z.number(),
});
export type Artifact = z.infer<typeof Artifact>;
