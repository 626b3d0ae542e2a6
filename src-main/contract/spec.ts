/** @file What a run is: the document that the form edits, the command line reads, SQLite stores and the worker trains. */
import { z } from 'zod';
import { EntryId, RunId } from './ids';

/** A registry entry with its settings; the entry's own schema validates the settings (`specs.check`). */
export const Component = z.object({ id: EntryId, settings: z.record(z.string(), z.json()).default({}) });
export type Component = z.infer<typeof Component>;

/** What is asked of a layer's weights; a method that cannot is refused. */
export const LayerSwitches = z.object({
  bayesian: z.boolean().default(true).meta({
    title: 'Bayesian',
    description: 'Off: its weights are a point estimate under a flat prior, whatever the method; for a layer without uncertainty.',
  }),
  sample: z.boolean().default(true).meta({
    title: 'Sampled',
    description: 'Off: its weights stand at their means in training and prediction, although they have a posterior; MC dropout drops nothing before it.',
  }),
  trainable: z
    .boolean()
    .default(true)
    .meta({ title: 'Trained', description: 'Off: its weights stay where they start, at random values or at those of another run.' }),
  initialisation: z.enum(['by-method', 'fan-in', 'he', 'glorot', 'uniform', 'constant']).default('by-method').meta({
    title: 'Initial weights',
    description:
      'Where its weights start, if not where the method’s setting says. fan-in: uniform ±1/√fan-in. he: normal with variance 2/fan-in. glorot: uniform ±√(6/(fan-in + fan-out)). Biases of the last two start at 0.',
  }),
  initialValue: z
    .number()
    .min(-10)
    .max(10)
    .default(0.1)
    .meta({ title: 'Initial value', description: 'uniform: within ± this. constant: all of them.', when: { initialisation: ['uniform', 'constant'] } }),
  initialSd: z
    .number()
    .min(1e-6)
    .max(10)
    .optional()
    .meta({ title: 'Initial σ', description: 'Of a factorised posterior: where the deviation of its weights starts. Empty: where the method’s setting says.' }),
  dropRate: z
    .number()
    .min(0)
    .max(0.95)
    .optional()
    .meta({
      title: 'Dropout rate',
      description: 'Of MC dropout: the probability that a value which this layer is given is dropped. Empty: the method’s rate.',
    }),
});
export type LayerSwitches = z.output<typeof LayerSwitches>;

export const LayerSpec = z.object({
  kind: EntryId,
  settings: z.record(z.string(), z.json()).default({}),
  /** Overrides the run's prior for this layer's parameters. */
  prior: Component.optional(),
  bayesian: LayerSwitches.shape.bayesian.unwrap().optional(),
  sample: LayerSwitches.shape.sample.unwrap().optional(),
  trainable: LayerSwitches.shape.trainable.unwrap().optional(),
  initialisation: LayerSwitches.shape.initialisation.unwrap().optional(),
  initialValue: LayerSwitches.shape.initialValue.unwrap().optional(),
  initialSd: LayerSwitches.shape.initialSd,
  dropRate: LayerSwitches.shape.dropRate,
});
export type LayerSpec = z.infer<typeof LayerSpec>;

/** A chain of layers from the dataset's input to an `output` layer, whose width the likelihood decides. */
export const Architecture = z.object({ name: z.string().max(80).default(''), layers: z.array(LayerSpec).min(1).max(200) });
export type Architecture = z.infer<typeof Architecture>;

export const Training = z.object({
  epochs: z.int().min(1).max(100_000).default(10).meta({ title: 'Epochs', description: 'Passes over the training rows.' }),
  batchSize: z
    .int()
    .min(0)
    .max(100_000)
    .default(100)
    .meta({ title: 'Batch size', unit: 'rows', description: 'Rows per step. 0 means all rows at once (full batch).' }),
  validationFraction: z.number().min(0).max(0.5).default(0.1).meta({
    title: 'Validation share',
    description: 'Share of the training rows held out for the live validation curve. The test rows are touched only by Evaluate.',
  }),
  validationDraws: z
    .int()
    .min(1)
    .max(1000)
    .default(3)
    .meta({ title: 'Validation draws', description: 'Weight draws averaged for the validation curve.', advanced: true }),
  validateEvery: z
    .int()
    .min(1)
    .max(100_000)
    .default(1)
    .meta({ title: 'Validate every', unit: 'epochs', advanced: true, description: 'Epochs between two points of the validation curve.' }),
  checkpointEvery: z.number().min(1).max(3600).default(20).meta({
    title: 'Checkpoint every',
    unit: 's',
    advanced: true,
    description: 'Seconds between checkpoints; one is also written at each pause, stop and end.',
  }),
  keptDraws: z.int().min(1).max(10_000).default(1000).meta({
    title: 'Kept draws',
    unit: 'draws',
    advanced: true,
    description: 'For samplers and snapshots: how many draws of all chains may stay on the disk. The oldest goes when one more comes.',
  }),
  keptPrecision: z.enum(['float32', 'float16']).default('float32').meta({
    title: 'Precision of kept draws',
    advanced: true,
    description: 'float16 takes half the disk: weights are rounded to three digits.',
  }),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1)
    .meta({ title: 'Seed', description: 'Fixes initialisation, shuffling, the validation split and all noise.' }),
});
export type Training = z.infer<typeof Training>;

export const Compute = z.object({
  device: z.string().max(80).default('auto').meta({ title: 'Device', description: 'auto = the fastest that passes its self-test.' }),
  threads: z.int().min(0).max(256).default(0).meta({ title: 'Threads', advanced: true, description: 'CPU threads for this run. 0 = automatic.' }),
});
export type Compute = z.infer<typeof Compute>;

export const RunSpec = z.object({
  version: z.literal(1).default(1),
  name: z.string().max(120).default(''),
  dataset: Component,
  architecture: Architecture,
  likelihood: Component,
  prior: Component.default({ id: 'gaussian', settings: {} }),
  method: Component,
  /** A finished run of a point estimate, with the same weights, whose trained weights this one starts from. */
  from: RunId.optional(),
  training: Training.prefault({}),
  compute: Compute.prefault({}),
});
export type RunSpec = z.infer<typeof RunSpec>;
export type RunSpecInput = z.input<typeof RunSpec>;

/** One fault of a spec, at the place that causes it: `architecture.layers.2`, `method.settings.draws` … */
export const SpecProblem = z.object({ path: z.string(), message: z.string() });
export type SpecProblem = z.infer<typeof SpecProblem>;
