/** @file The posterior as numbers: mean and spread of each weight, draws of all of them, and predictions with some of them removed. */
import type { Device } from '../backends/device';
import type { HostTensors } from '../numerics/host-tensor';
import type { Prior } from '../probability/prior';
import type { BayesianModel } from './bayesian-model';
import type { DrawSource } from './draw-source';
import { letMessagesIn } from './launches';
import type { Posterior } from './posterior';
import { DevicePosterior } from './predictive';

/** One Bayesian tensor; weights flat, in its own order. */
export interface WeightMoments {
  readonly name: string;
  readonly role: 'kernel' | 'bias' | 'other';
  readonly prior: Pick<Prior, 'density'>;
  readonly mean: Float64Array;
  /** 0 where every draw is the same. */
  readonly sd: Float64Array;
}

export interface WeightPosterior {
  /** Draws that an average of `requested` takes. */
  count(requested: number): number;
  /** Of each Bayesian tensor: exact where the approximation is factorised, else estimated from `draws` draws. */
  moments(options: { readonly draws: number; readonly seed: number }): Promise<{ readonly exact: boolean; readonly tensors: readonly WeightMoments[] }>;
  /** By tensor, draw `s` of an average of `count`; valid until the next call. */
  draw(s: number, count: number, seed: number): Promise<HostTensors>;
  /** Predicts with the weights outside `kept` (1 = stays, flat by tensor) at 0 in every draw. Close it before the run's own posterior. */
  masked(kept: { readonly [tensor: string]: Uint8Array }): Posterior;
}

/** @param stored the state that the draws are made from; null where they were kept */
export function weightPosterior(model: BayesianModel, device: Device, source: DrawSource, stored: HostTensors | null): WeightPosterior {
  const bayesian = model.target.parameters.filter((parameter) => parameter.bayesian && parameter.role !== 'scale');
  const roleOf = (role: string): WeightMoments['role'] => (role === 'kernel' || role === 'bias' ? role : 'other');
  return {
    count: (requested) => source.count(requested),
    draw: (s, count, seed) => source.weights(s, count, seed),
    async moments({ draws, seed }) {
      const known = stored && model.algorithm.inspect?.(stored);
      const estimated = known ? null : await estimate(source, source.count(draws), seed);
      return {
        exact: known !== null && known !== undefined,
        tensors: bayesian.map(({ name, role }) => {
          const { mean, sd } = (known ?? estimated!)[name]!;
          return { name, role: roleOf(role), prior: model.target.prior[name]!, mean: Float64Array.from(mean), sd: Float64Array.from(sd) };
        }),
      };
    },
    masked(kept) {
      const masking: DrawSource = {
        count: (requested) => source.count(requested),
        async weights(s, count, seed) {
          const weights = await source.weights(s, count, seed);
          return Object.fromEntries(
            Object.entries(weights).map(([name, tensor]) => {
              const keeps = kept[name];
              return [name, keeps ? { ...tensor, data: (tensor.data as Float32Array).map((w, i) => (keeps[i] ? w : 0)) } : tensor] as [string, typeof tensor];
            }),
          );
        },
        close: async () => undefined, // the draws are the run's own
      };
      return new DevicePosterior(model, device, masking);
    },
  };
}

/** Mean and standard deviation of each weight over the draws (Welford 1962). */
async function estimate(source: DrawSource, count: number, seed: number): Promise<{ [tensor: string]: { mean: Float64Array; sd: Float64Array } }> {
  const moments: { [tensor: string]: { mean: Float64Array; sd: Float64Array } } = {};
  for (let s = 0; s < count; s++) {
    for (const [name, { data }] of Object.entries(await source.weights(s, count, seed))) {
      const { mean, sd } = (moments[name] ??= { mean: new Float64Array(data.length), sd: new Float64Array(data.length) });
      for (let i = 0; i < data.length; i++) {
        const step = data[i]! - mean[i]!;
        mean[i]! += step / (s + 1);
        sd[i]! += step * (data[i]! - mean[i]!);
      }
    }
    await letMessagesIn();
  }
  for (const { sd } of Object.values(moments)) for (let i = 0; i < sd.length; i++) sd[i] = count > 1 ? Math.sqrt(sd[i]! / (count - 1)) : 0;
  return moments;
}
