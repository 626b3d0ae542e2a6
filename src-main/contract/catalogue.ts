/** @file Everything the registries offer, as data: sent once by the inspector worker, so that neither main process nor renderer imports the engine. */
import { z } from 'zod';
import { PublishedResult } from './cross-validation';
import { EntryId } from './ids';
import { MetricInfo } from './run';
import { Architecture, Component } from './spec';

/**
 * JSON Schema of an entry's settings, made by `z.toJSONSchema`. Fields may carry the metadata
 * `title`, `description`, `unit`, `group`, `scale: 'log'`, `advanced: true`, `task` (it means nothing for another task) and
 * `when: { otherField: [values] }` (shown only while the other field has one of the values).
 */
export const SettingsSchema = z.record(z.string(), z.json());
export type SettingsSchema = z.infer<typeof SettingsSchema>;

export const CatalogueEntry = z.object({
  id: EntryId,
  title: z.string(),
  /** Author (year), title, equation or algorithm. */
  reference: z.string(),
  /** A short paragraph of help, plain text. */
  help: z.string(),
  settings: SettingsSchema,
});
export type CatalogueEntry = z.infer<typeof CatalogueEntry>;

export const MethodEntry = CatalogueEntry.extend({ metrics: z.array(MetricInfo), randomDraws: z.boolean(), keepsDraws: z.boolean() });
export const LayerEntry = CatalogueEntry.extend({ weights: z.boolean() });
export type LayerEntry = z.infer<typeof LayerEntry>;
export const LikelihoodEntry = CatalogueEntry.extend({ task: z.enum(['classification', 'regression']) });
export const DatasetEntry = CatalogueEntry.extend({
  task: z.enum(['classification', 'regression']),
  inputShape: z.array(z.int().positive()),
  classes: z.array(z.string()), // empty for regression
  target: z.object({ name: z.string(), unit: z.string() }),
  recommended: z.object({
    architecture: z.string(), // id of a preset
    likelihood: Component,
    prior: Component.optional(), // else the Gaussian one with its own default
    training: z.record(z.string(), z.json()),
    method: z.record(z.string(), z.json()).optional(), // settings of any method, as far as it knows them
  }),
  /** It is a table, whose settings choose the test part: cross-validation is possible. */
  table: z.boolean(),
  /** Results of the literature. */
  published: z.array(PublishedResult),
});
export const PresetEntry = z.object({ id: EntryId, title: z.string(), help: z.string(), architecture: Architecture });
export type PresetEntry = z.infer<typeof PresetEntry>;

/** The density of one weight under a prior, to be drawn: log p(w) in nats. */
export const PriorCurve = z.object({ w: z.array(z.number()), logDensity: z.array(z.number()) });
export type PriorCurve = z.infer<typeof PriorCurve>;

export const Catalogue = z.object({
  methods: z.array(MethodEntry),
  layers: z.array(LayerEntry),
  /** JSON Schema of what may be asked of the weights of any layer that has some. */
  layerSwitches: SettingsSchema,
  priors: z.array(CatalogueEntry),
  likelihoods: z.array(LikelihoodEntry),
  datasets: z.array(DatasetEntry),
  experiments: z.array(CatalogueEntry),
  presets: z.array(PresetEntry),
  /** JSON Schemas of the spec's fixed parts. */
  training: SettingsSchema,
  compute: SettingsSchema,
});
export type Catalogue = z.infer<typeof Catalogue>;
