/** @file The engine's registries as data, for forms, `--help` and documentation. */
import { z } from 'zod';
import { type Catalogue, type CatalogueEntry, SettingsSchema, type PriorCurve } from '../../contract/catalogue';
import { WorkbenchError } from '../../contract/errors';
import { Compute, LayerSwitches, Training, type Component } from '../../contract/spec';
import { backends } from '../backends';
import { inferenceMethods } from '../inference';
import type { InferenceMethod } from '../inference/method';
import type { LayerKind } from '../nn/layer';
import { layers } from '../nn/layers';
import { presets } from '../nn/presets';
import type { LikelihoodKind } from '../probability/likelihood';
import { likelihoods } from '../probability/likelihoods';
import type { PriorKind } from '../probability/prior';
import { priorCurve } from '../probability/prior-curve';
import { priors } from '../probability/priors';
import { epochMetrics } from './learning-curve';

type Described = Pick<CatalogueEntry, 'id' | 'title' | 'reference' | 'help'> & { readonly settings: z.ZodObject };

/** JSON Schema of what a user may write: fields with defaults are not required. */
export const describeSettings = (settings: z.ZodType): SettingsSchema => SettingsSchema.parse(z.toJSONSchema(settings, { io: 'input' }));

/** A registry entry as data. */
export const describeEntry = ({ id, title, reference, help, settings }: Described): CatalogueEntry => ({
  id,
  title,
  reference,
  help,
  settings: describeSettings(settings),
});

/** The curve of a prior as it is set; null while it cannot be built. */
export function describePrior({ id, settings }: Component): PriorCurve | null {
  const kind: PriorKind | undefined = (priors as { readonly [id: string]: PriorKind | undefined })[id];
  const parsed = kind?.settings.safeParse(settings);
  return kind && parsed?.success ? priorCurve(kind.build(parsed.data)) : null;
}

/** Whether it has parameters on any of the shapes that rows come in: features, sequences, images, volumes. */
const hasWeights = (kind: LayerKind): boolean =>
  [[8], [8, 8], [8, 8, 8], [8, 8, 8, 8]].some((input) => {
    const settings = kind.settings.parse({});
    const context = { outputs: 1, earlier: [input] };
    try {
      kind.outputShape(input, settings, context);
    } catch (error) {
      if (error instanceof WorkbenchError) return false; // not a shape for this layer
      throw error;
    }
    return kind.parameters(input, settings, context).length > 0;
  });

/** The part of the catalogue that the engine knows. */
export const describeEngine = (): Omit<Catalogue, 'datasets' | 'experiments'> => ({
  methods: Object.values<InferenceMethod>(inferenceMethods).map((method) => ({
    ...describeEntry(method),
    metrics: [
      ...method.metrics.map((metric) => ({ ...metric, scope: 'step' as const })),
      ...epochMetrics('classification'),
      ...epochMetrics('regression'),
    ].filter(
      ({ id }, i, all) => all.findIndex((other) => other.id === id) === i, // the NLL is measured for both tasks
    ),
    randomDraws: method.randomDraws,
    keepsDraws: method.keepsDraws === true,
  })),
  layers: Object.values<LayerKind>(layers).map((layer) => ({ ...describeEntry({ ...layer, id: layer.kind }), weights: hasWeights(layer) })),
  layerSwitches: describeSettings(LayerSwitches),
  priors: Object.values<PriorKind>(priors).map(describeEntry),
  likelihoods: Object.values<LikelihoodKind>(likelihoods).map((likelihood) => ({ ...describeEntry(likelihood), task: likelihood.task })),
  presets: [...presets],
  training: describeSettings(Training),
  compute: describeSettings(
    Compute.extend({
      device: z
        .enum(['auto', ...Object.keys(backends)])
        .default('auto')
        .meta(Compute.shape.device.meta() ?? {}),
    }),
  ),
});
