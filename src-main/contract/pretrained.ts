/** @file The card of a model that comes with Credence: what was trained, how, how good it is, and what it is for. One JSON file beside each .credence file. */
import { z } from 'zod';
import { Decomposition } from './experiment';
import { EntryId, RunId } from './ids';
import { Environment } from './run';
import { RunSpec } from './spec';

const measured = { rows: z.int(), draws: z.int(), nll: z.number(), uncertainty: Decomposition };

/** What Evaluate finds with these draws; the words are those of `Evaluation`. */
export const PretrainedMetrics = z.discriminatedUnion('task', [
  z.object({ task: z.literal('classification'), ...measured, error: z.number(), brier: z.number(), ece: z.number() }),
  z.object({ task: z.literal('regression'), ...measured, rmse: z.number(), coverage: z.number() }),
]);
export type PretrainedMetrics = z.infer<typeof PretrainedMetrics>;

/** One image and what the model says of it, so that its weights can be proved right where its data are missing. */
export const PretrainedProbe = z.object({
  pixels: z.array(z.int().min(0).max(255)), // [height × width]
  draws: z.int(),
  probabilities: z.array(z.number()), // [classes], mean predictive
  uncertainty: Decomposition, // nats
});
export type PretrainedProbe = z.infer<typeof PretrainedProbe>;

export const PretrainedCard = z.object({
  version: z.literal(1),
  id: EntryId,
  title: z.string(),
  /** What the model is called as a run, once it is opened. */
  run: RunId,
  use: z.string(),
  limits: z.string(),
  /** Everything that was set. */
  spec: RunSpec,
  /** What made it. */
  command: z.string(),
  dataset: z.object({ title: z.string(), hash: z.string(), citation: z.string(), licence: z.string() }),
  file: z.object({ name: z.string().regex(/^[\w-]+\.credence$/), sha256: z.string().length(64), bytes: z.int(), precision: z.enum(['float16', 'float32']) }),
  parameters: z.int(),
  /** Draws in the file; 0 where predictions draw their own from the posterior in it. */
  keptDraws: z.int(),
  metrics: PretrainedMetrics,
  probe: PretrainedProbe.nullable(), // null where the rows are no images
  trainedAt: z.number(), // ms since 1970
  seconds: z.number(), // of training
  environment: Environment,
  licence: z.string(),
});
export type PretrainedCard = z.infer<typeof PretrainedCard>;
