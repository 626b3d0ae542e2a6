/** @file Messages between the job queue (main thread) and a worker. Workers compute and write artifact files; only the main thread writes to SQLite. */
import { z } from 'zod';
import { Catalogue, PriorCurve } from '../contract/catalogue';
import { NetworkDescription } from '../contract/architecture';
import { CrossValidationCheck, CrossValidationSpec, Fit } from '../contract/cross-validation';
import { DatasetPreview, DatasetStatus, IdxImport, ImportedDataset, ImportedImages, Part } from '../contract/dataset';
import { DeviceKind } from '../contract/device';
import { DeviceRates } from '../contract/device-rates';
import { ErrorReport } from '../contract/errors';
import { PartialPrediction } from '../contract/experiment';
import { Explored, ExploreRequest } from '../contract/explore';
import { EntryId, RunId } from '../contract/ids';
import { Environment, MetricChunk, MetricScope, RunEvent, RunProgress } from '../contract/run';
import { ExportFormat, RunExport } from '../contract/run-export';
import { Component, RunSpec, SpecProblem } from '../contract/spec';
import { ImportedTable, TableImport, TablePreview } from '../contract/table';

/** Where things lie on this machine; given to each worker at its start (workerData). */
export const WorkerSetup = z.object({
  artifacts: z.string(), // absolute folder
  datasets: z.string(),
  /** Compiled steps: a cache. */
  programs: z.string(),
  /** Int32: see `words`. */
  control: z.instanceof(SharedArrayBuffer),
});
export type WorkerSetup = z.infer<typeof WorkerSetup>;

/** What a worker is started with from outside; the memory comes with its thread. */
export const WorkerPlace = WorkerSetup.omit({ control: true }).extend({ workerPath: z.string() });
export type WorkerPlace = z.infer<typeof WorkerPlace>;

/** Memory that a worker and its watcher share, by position: both can speak while the worker is busy. */
export const words = {
  /** What to do, from `Control`. Read between steps, so a busy worker is never terminated. */
  command: 0,
  /** Grows whenever a call into the device begins or ends. */
  calls: 1,
  /** How long the calls under way may take, ms; 0 while there is none. */
  patience: 2,
  /** 1: nobody waits for this worker any more. */
  abandoned: 3,
  count: 4,
} as const;
export const Control = { run: 0, pause: 1, stop: 2 } as const;

/** @returns memory for `words`, all 0 */
export const sharedWords = () => new Int32Array(new SharedArrayBuffer(4 * words.count));

/** A checkpoint or result file that a worker has written: already fsynced, hashed and renamed. */
export const WrittenFile = z.object({ file: z.string(), sha256: z.string(), bytes: z.int() });
export type WrittenFile = z.infer<typeof WrittenFile>;

/** A kept draw as a file. */
export const StoredDrawFile = z.object({ file: z.string(), sha256: z.string(), step: z.int() });
export type StoredDrawFile = z.infer<typeof StoredDrawFile>;

export const TrainJob = z.object({
  type: z.literal('train'),
  run: RunId,
  spec: RunSpec,
  threads: z.int().min(1),
  imported: z.array(ImportedDataset),
  /** The checkpoint to go on from, with its step and hash. */
  checkpoint: z.object({ file: z.string(), sha256: z.string(), step: z.int() }).nullable(),
  /** The run whose trained weights this one starts from; only at its first start. */
  origin: z.object({ run: RunId, spec: RunSpec, checkpoint: z.object({ file: z.string(), sha256: z.string(), step: z.int() }) }).optional(),
  /** The dataset's hash when the run began; null at the first start. */
  datasetHash: z.string().nullable(),
  /** Where the run went on so far; the worker says so when it resumes in another one, since the result is then not bit-identical. Null at the first start. */
  environment: Environment.nullable(),
  /** What the computer calls the graphics card of the device; none on a CPU. */
  card: z.string().optional(),
});
export type TrainJob = z.infer<typeof TrainJob>;
/** A trained run: what a worker needs to predict with it. */
export const StoredRun = z.object({
  run: RunId,
  name: z.string(),
  spec: RunSpec,
  checkpoint: z.object({ file: z.string(), sha256: z.string(), step: z.int() }),
  /** Oldest first; none unless the method keeps draws. */
  draws: z.array(StoredDrawFile),
  datasetHash: z.string().nullable(),
  /** As chosen after training. */
  priorPrecision: z.number().positive().optional(),
});
export type StoredRun = z.infer<typeof StoredRun>;

export const ExperimentJob = z.object({
  type: z.literal('experiment'),
  kind: EntryId,
  settings: z.record(z.string(), z.json()),
  threads: z.int().min(1),
  imported: z.array(ImportedDataset),
  runs: z.array(StoredRun),
  /** Where its predictions are kept until it succeeds, and the build that they are of. */
  parts: z.object({ folder: z.string(), build: z.string() }),
});
export type ExperimentJob = z.infer<typeof ExperimentJob>;
/** Splits of a cross-validation for one worker, which keeps their fits by `fit` messages. */
export const CrossValidationJob = z.object({
  type: z.literal('cross-validate'),
  spec: CrossValidationSpec,
  splits: z.array(z.int().min(1)),
  done: z.array(Fit),
  imported: z.array(ImportedDataset),
});
export type CrossValidationJob = z.infer<typeof CrossValidationJob>;
/** Quick questions to the inspector worker; `ask` pairs question and answer. */
export const Question = z.discriminatedUnion('type', [
  z.object({ type: z.literal('catalogue'), imported: z.array(ImportedDataset) }),
  z.object({ type: z.literal('devices') }),
  z.object({ type: z.literal('check'), spec: RunSpec, origin: RunSpec.optional(), imported: z.array(ImportedDataset) }),
  z.object({ type: z.literal('describe'), spec: RunSpec, imported: z.array(ImportedDataset) }),
  z.object({ type: z.literal('stepTime'), spec: RunSpec, imported: z.array(ImportedDataset), rates: DeviceRates }),
  z.object({ type: z.literal('explore'), stored: StoredRun, imported: z.array(ImportedDataset), threads: z.int().min(1), request: ExploreRequest }),
  /** `path`: where to write the file, absolute. */
  z.object({
    type: z.literal('exportWeights'),
    stored: StoredRun,
    imported: z.array(ImportedDataset),
    threads: z.int().min(1),
    ...RunExport.omit({ run: true }).shape,
    format: ExportFormat.exclude(['credence']),
    path: z.string(),
  }),
  z.object({ type: z.literal('checkCrossValidation'), spec: CrossValidationSpec, imported: z.array(ImportedDataset) }),
  z.object({ type: z.literal('priorCurve'), prior: Component }),
  z.object({ type: z.literal('datasets'), imported: z.array(ImportedDataset) }),
  z.object({
    type: z.literal('preview'),
    dataset: Component,
    part: Part,
    offset: z.int(),
    rows: z.int(),
    only: z.array(z.int()).optional(),
    imported: z.array(ImportedDataset),
  }),
  /** `files`: absolute paths of the uploads. */
  z.object({ type: z.literal('previewImport'), request: IdxImport, files: z.record(z.string(), z.string()) }),
  z.object({ type: z.literal('import'), id: EntryId, request: IdxImport, files: z.record(z.string(), z.string()) }),
  z.object({ type: z.literal('previewTable'), path: z.string() }),
  z.object({ type: z.literal('importTable'), id: EntryId, request: TableImport, path: z.string() }),
  z.object({ type: z.literal('deleteDataset'), id: EntryId }),
]);
export type Question = z.infer<typeof Question>;
export const PrepareJob = z.object({ type: z.literal('prepare'), dataset: EntryId });
export type PrepareJob = z.infer<typeof PrepareJob>;

export const ToWorker = z.discriminatedUnion('type', [
  TrainJob,
  ExperimentJob,
  CrossValidationJob,
  PrepareJob,
  z.object({ type: z.literal('ask'), id: z.int(), question: Question }),
  /** Returns credits for metric messages: a worker sends at most `credits` unacknowledged ones. */
  z.object({ type: z.literal('credit'), count: z.int().min(1) }),
  /** Ends an idle worker. */
  z.object({ type: z.literal('close') }),
]);
export type ToWorker = z.infer<typeof ToWorker>;

export const FromWorker = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('started'), environment: Environment, datasetHash: z.string(), parameters: z.int(), steps: z.int(), notes: z.array(z.string()) }),
  z.object({ type: z.literal('progress'), progress: RunProgress }), // of a training
  /** Progress of an experiment or a preparation. */
  z.object({ type: z.literal('report'), fraction: z.number().min(0).max(1), message: z.string(), partial: PartialPrediction.optional() }),
  z.object({ type: z.literal('metrics'), scope: MetricScope, chunk: MetricChunk }), // costs one credit
  z.object({ type: z.literal('event'), event: RunEvent }),
  /** A kept draw; always before the checkpoint that covers it. */
  z.object({ type: z.literal('draw'), file: WrittenFile, step: z.int() }),
  z.object({ type: z.literal('checkpoint'), file: WrittenFile, step: z.int() }),
  z.object({ type: z.literal('fit'), fit: Fit }), // of a cross-validation
  z.object({ type: z.literal('paused') }),
  z.object({ type: z.literal('resumed') }),
  z.object({ type: z.literal('answer'), id: z.int(), answer: z.unknown() }),
  z.object({ type: z.literal('refusal'), id: z.int(), error: ErrorReport }),
  /** The job's end; `result` only for experiments. `stack` goes to the log. */
  z.object({ type: z.literal('ended'), outcome: z.enum(['succeeded', 'stopped']), result: z.json().optional() }),
  z.object({ type: z.literal('failed'), error: ErrorReport, stack: z.string().optional() }),
]);
export type FromWorker = z.infer<typeof FromWorker>;

/** How many metric messages may be under way. */
export const initialCredits = 32;

/** Types of the inspector's answers; validated where they arrive. */
export const answers = {
  catalogue: Catalogue,
  devices: z.array(DeviceKind),
  check: z.array(SpecProblem),
  describe: NetworkDescription.nullable(),
  stepTime: z.number().positive().nullable(), // ms
  explore: Explored,
  exportWeights: z.int(), // bytes written
  checkCrossValidation: CrossValidationCheck,
  priorCurve: PriorCurve.nullable(),
  datasets: z.array(DatasetStatus),
  preview: DatasetPreview,
  previewImport: DatasetPreview,
  import: ImportedImages,
  previewTable: TablePreview,
  importTable: ImportedTable,
  deleteDataset: z.null(),
} satisfies Record<Question['type'], z.ZodType>;
