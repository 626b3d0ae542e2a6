/** @file Draws of the weights for other programs. */
import { float32, type HostTensors } from '../numerics/host-tensor';
import type { BayesianModel } from './bayesian-model';
import type { DrawSource } from './draw-source';
import { letMessagesIn } from './launches';
import { predictiveModel, type Scaling } from './predictive-model';
import type { Quantisation } from './quantisation';

export interface WeightExports {
  /** The draws of an average of `draws`, by parameter [draws, …]. */
  draws(draws: number, seed: number): Promise<HostTensors>;
  /** The predictive of these draws as an ONNX model; see `predictiveModel`. @throws WorkbenchError `unsupported` */
  predictive(draws: number, seed: number, scaling: Scaling, integers?: Quantisation | undefined): Promise<Uint8Array>;
}

export function weightExports(model: BayesianModel, source: DrawSource): WeightExports {
  const draws = async (requested: number, seed: number) => stackDraws(source, source.count(requested), seed);
  return {
    draws,
    predictive: async (requested, seed, scaling, integers) => predictiveModel(model, await draws(requested, seed), source.count(requested), scaling, integers),
  };
}

async function stackDraws(source: DrawSource, count: number, seed: number): Promise<HostTensors> {
  const stacked: { [name: string]: { readonly shape: readonly number[]; readonly data: Float32Array } } = {};
  for (let s = 0; s < count; s++) {
    for (const [name, { shape, data }] of Object.entries(await source.weights(s, count, seed)))
      (stacked[name] ??= { shape: [count, ...shape], data: new Float32Array(count * data.length) }).data.set(data, s * data.length);
    await letMessagesIn();
  }
  return Object.fromEntries(Object.entries(stacked).map(([name, { shape, data }]) => [name, float32(shape, data)]));
}
