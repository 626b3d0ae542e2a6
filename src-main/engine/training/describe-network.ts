/** @file What a run's network would be on its data, layer by layer: for a builder that shows shapes and counts while it is put together. */
import type { LayerDescription } from '../../contract/architecture';
import { WorkbenchError } from '../../contract/errors';
import type { RunSpec } from '../../contract/spec';
import { buildModel, type PlacedLayer } from '../nn/model';
import { sizeOf } from '../numerics/host-tensor';
import type { ParameterSpec } from '../numerics/parameter';
import type { LikelihoodKind } from '../probability/likelihood';
import { likelihoods } from '../probability/likelihoods';
import type { DataShape } from './bayesian-model';

/** The layers that fit together, from the input on; the first fault, which `checkModel` reports, ends the list. */
export function describeNetwork({ architecture, likelihood }: RunSpec, { task, inputShape }: DataShape): LayerDescription[] {
  const kind: LikelihoodKind | undefined = (likelihoods as { readonly [id: string]: LikelihoodKind | undefined })[likelihood.id];
  const settings = kind?.task === task.kind ? kind.settings.safeParse(likelihood.settings) : undefined;
  const outputs = kind && settings?.success ? kind.build(settings.data, task).outputs : task.outputs;
  const placed: PlacedLayer[] = [];
  try {
    buildModel(architecture, inputShape, outputs, (layer) => placed.push(layer));
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
  }
  return placed.map(({ name, input, output, parameters }) => ({
    name,
    input: [...input],
    output: [...output],
    weights: count(parameters),
    bayesian: count(parameters.filter(({ bayesian }) => bayesian)),
  }));
}

const count = (parameters: readonly ParameterSpec[]): number => parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
