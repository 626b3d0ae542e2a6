/** @file Every call the renderer or the command line may make and every event main may push. Types, validation and documentation derive from these two tables. */
import { z } from 'zod';
import { NetworkDescription, SavedArchitecture } from './architecture';
import { Catalogue, PriorCurve } from './catalogue';
import { CudaSupport } from './cuda';
import { CrossValidation, CrossValidationCheck, CrossValidationSpec, Fit } from './cross-validation';
import { DatasetPreview, DatasetStatus, IdxImport, Part } from './dataset';
import { DeviceReport } from './device';
import { ErrorReport } from './errors';
import { Experiment } from './experiment';
import { Explored, ExploreRequest } from './explore';
import { ArchitectureId, CrossValidationId, EntryId, ExperimentId, FileId, RunId } from './ids';
import { PretrainedCard } from './pretrained';
import { MetricChunk, MetricScope, Run, RunEvent } from './run';
import { ExportedFile, RunExport } from './run-export';
import { Settings, SettingsChange } from './settings';
import { Architecture, Component, RunSpec, SpecProblem } from './spec';
import { TableImport, TablePreview } from './table';

const procedure = <I extends z.ZodType, O extends z.ZodType>(input: I, output: O) => ({ input, output });
const nothing = z.void().or(z.null()).or(z.undefined());

export const AppInfo = z.object({
  version: z.string(),
  mode: z.enum(['electron', 'browser']),
  dataDir: z.string(),
  platform: z.string(),
  node: z.string(),
  cores: z.int(),
  storage: z.object({ database: z.int(), artifacts: z.int(), datasets: z.int(), logs: z.int() }), // bytes
});
export type AppInfo = z.infer<typeof AppInfo>;

/** Something the user should see although nobody asked: a dead worker, a full disk, a caught exception. */
export const Notice = z.object({ time: z.number(), level: z.enum(['info', 'warning', 'error']), message: z.string(), error: ErrorReport.nullable() });
export type Notice = z.infer<typeof Notice>;

export const procedures = {
  'app.info': procedure(nothing, AppInfo),
  'app.notices': procedure(nothing, z.array(Notice)),
  'app.openLogFolder': procedure(nothing, z.object({ path: z.string(), opened: z.boolean() })),
  'app.diagnostics': procedure(nothing, z.string()),
  /** Records a renderer error in the local log; nothing is sent anywhere. */
  'app.reportRendererError': procedure(z.object({ message: z.string().max(10_000), stack: z.string().max(50_000).optional() }), nothing),

  'settings.get': procedure(nothing, Settings),
  'settings.update': procedure(SettingsChange, Settings),

  'devices.list': procedure(nothing, z.array(DeviceReport)),
  /** Tests every device, which takes seconds, or only if something is not known yet; progress by `devices.changed`. */
  'devices.test': procedure(z.object({ again: z.boolean().default(true) }), z.array(DeviceReport)),

  'cuda.support': procedure(nothing, CudaSupport),
  /** Resolves at the end, however it ends, after minutes perhaps; progress by `cuda.changed`. */
  'cuda.install': procedure(nothing, CudaSupport),
  'cuda.cancel': procedure(nothing, nothing),

  'catalogue.get': procedure(nothing, Catalogue),
  'catalogue.priorCurve': procedure(Component, PriorCurve.nullable()), // null while its settings are out of range
  'specs.check': procedure(RunSpec, z.array(SpecProblem)),
  'specs.describe': procedure(RunSpec, NetworkDescription.nullable()), // null while the dataset is not known
  'specs.stepTime': procedure(RunSpec, z.number().positive().nullable()), // ms; null where it cannot be foretold

  'architectures.list': procedure(nothing, z.array(SavedArchitecture)),
  /** Writes over the one of this id; null: a new one. */
  'architectures.save': procedure(z.object({ id: ArchitectureId.nullable(), architecture: Architecture }), SavedArchitecture),
  'architectures.delete': procedure(ArchitectureId, nothing),

  'runs.list': procedure(z.object({ trash: z.boolean().default(false) }), z.array(Run)),
  'runs.get': procedure(RunId, Run),
  'runs.create': procedure(RunSpec, Run), // checks, stores and queues
  'runs.pause': procedure(RunId, nothing),
  /** Continues a paused run; queues an interrupted, stopped or failed one from its last checkpoint. */
  'runs.resume': procedure(RunId, nothing),
  'runs.stop': procedure(RunId, nothing), // with checkpoint; a queued run leaves the queue
  'runs.rename': procedure(z.object({ run: RunId, name: z.string().min(1).max(120) }), nothing),
  /** For all later predictions of a Laplace approximation; null: as it was trained. */
  'runs.setPriorPrecision': procedure(z.object({ run: RunId, precision: z.number().min(1e-6).max(1e8).nullable() }), nothing),
  /** For a run that is not training: a resume computes there. */
  'runs.setDevice': procedure(z.object({ run: RunId, device: z.string().max(80) }), nothing),
  'runs.delete': procedure(RunId, nothing), // to the trash
  'runs.restore': procedure(RunId, nothing),
  'runs.purge': procedure(RunId, nothing), // from the trash, for good
  /** Rows after `afterStep`; at most `maxRows`, decimated evenly when there are more (0 = all). */
  'runs.metrics': procedure(
    z.object({ run: RunId, scope: MetricScope, afterStep: z.int().min(-1).default(-1), maxRows: z.int().min(0).default(0) }),
    MetricChunk,
  ),
  'runs.events': procedure(RunId, z.array(RunEvent)),
  /** Ends an export or import that `transfer.changed` told of; it then fails as cancelled, and leaves nothing. */
  'runs.cancelTransfer': procedure(FileId, nothing),
  'runs.export': procedure(RunExport, ExportedFile),
  /** `title`: what the user calls the file. */
  'runs.import': procedure(z.object({ file: FileId, title: z.string().max(300) }), Run),

  /** The models that come with Credence. */
  'pretrained.list': procedure(nothing, z.array(PretrainedCard)),
  /** Makes a run of one, or finds the run it was made into before. */
  'pretrained.open': procedure(EntryId, Run),

  'datasets.list': procedure(nothing, z.array(DatasetStatus)),
  'datasets.prepare': procedure(EntryId, nothing), // download or generate; progress by `dataset.changed`
  'datasets.cancel': procedure(EntryId, nothing),
  'datasets.preview': procedure(
    z.object({
      dataset: Component,
      part: Part,
      offset: z.int().min(0).default(0),
      rows: z.int().min(1).max(1000).default(60),
      /** These rows of the part instead of a range. */
      only: z.array(z.int().min(0)).min(1).max(1000).optional(),
    }),
    DatasetPreview,
  ),
  'datasets.previewImport': procedure(IdxImport, DatasetPreview),
  'datasets.import': procedure(IdxImport, EntryId),
  'datasets.previewTable': procedure(FileId, TablePreview),
  'datasets.importTable': procedure(TableImport, EntryId),
  'datasets.delete': procedure(EntryId, nothing),

  'experiments.list': procedure(z.object({ run: RunId.optional() }), z.array(Experiment)),
  'experiments.start': procedure(z.object({ kind: EntryId, runs: z.array(RunId).min(1), settings: z.record(z.string(), z.json()) }), Experiment),
  'experiments.cancel': procedure(ExperimentId, nothing),
  /** One that was cancelled, interrupted or failed goes on from what it had computed. */
  'experiments.resume': procedure(ExperimentId, Experiment),
  'experiments.get': procedure(ExperimentId, Experiment),
  /** The stored result; its schema is the experiment's own (contract/experiment.ts). */
  'experiments.result': procedure(ExperimentId, z.json()),
  'experiments.delete': procedure(ExperimentId, nothing),

  /** Opens the run at the first question; a few milliseconds after that. */
  'explore.look': procedure(ExploreRequest, Explored),

  'crossValidations.check': procedure(CrossValidationSpec, CrossValidationCheck),
  'crossValidations.start': procedure(CrossValidationSpec, CrossValidation), // checks, stores and queues
  'crossValidations.list': procedure(nothing, z.array(CrossValidation)),
  'crossValidations.get': procedure(CrossValidationId, CrossValidation),
  'crossValidations.fits': procedure(CrossValidationId, z.array(Fit)),
  'crossValidations.pause': procedure(CrossValidationId, nothing),
  /** Continues a paused one; queues one that ended early, which goes on after the fits that are done. */
  'crossValidations.resume': procedure(CrossValidationId, nothing),
  'crossValidations.stop': procedure(CrossValidationId, nothing),
  'crossValidations.delete': procedure(CrossValidationId, nothing),

  'files.discard': procedure(FileId, nothing),
} as const;

export const events = {
  'run.changed': Run, // status or progress; at most 10 per second and run
  'run.metrics': z.object({ run: RunId, scope: MetricScope, chunk: MetricChunk }),
  'run.event': z.object({ run: RunId, event: RunEvent }),
  'run.removed': RunId,
  /** A .credence file on its way; at most 10 per second. `fraction` in [0, 1], null at its end. */
  'transfer.changed': z.object({ file: FileId, title: z.string(), fraction: z.number().nullable() }),
  'dataset.changed': DatasetStatus,
  'experiment.changed': Experiment,
  'crossValidation.changed': CrossValidation, // at most 10 per second
  'crossValidation.removed': CrossValidationId,
  'settings.changed': Settings,
  'devices.changed': z.array(DeviceReport),
  'cuda.changed': CudaSupport,
  'app.notice': Notice,
} as const;

export type Procedure = keyof typeof procedures;
export type Input<P extends Procedure> = z.output<(typeof procedures)[P]['input']>;
/** What a caller passes: defaults may be left out. */
export type CallInput<P extends Procedure> = z.input<(typeof procedures)[P]['input']>;
export type Output<P extends Procedure> = z.output<(typeof procedures)[P]['output']>;
/** Exhaustive by construction: a procedure without a handler does not compile. */
export type Handlers = { readonly [P in Procedure]: (input: Input<P>) => Output<P> | Promise<Output<P>> };

export type EventName = keyof typeof events;
export type EventPayload<E extends EventName> = z.output<(typeof events)[E]>;
/** How main pushes an event to every window and follower. */
export type Emit = <E extends EventName>(event: E, payload: EventPayload<E>) => void;
