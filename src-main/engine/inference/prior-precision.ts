/** @file A precision for each weight tensor, drawn between steps from what the weights say of it. */
import { fill, log, mul, square, sub, sum, zeros, type Scalar } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { float32, sizeOf, type HostTensors } from '../numerics/host-tensor';
import { gamma } from '../numerics/host-random';
import type { State } from '../numerics/step';
import type { Params } from '../numerics/tree';
import type { Between, Target } from './method';
import { sumPerChain, total, withChains } from './sampler';

export const precisionSettings = {
  learnPrior: z.boolean().default(false).meta({
    title: 'Learn the prior’s width',
    description:
      'The precision (1/variance) of each weight matrix and bias gets a Gamma prior and is drawn along with the weights (Gibbs sampling); the width that the Gaussian prior states is where it starts. As in the reference repository.',
  }),
  precisionShape: z
    .number()
    .min(1e-3)
    .max(1e4)
    .default(10)
    .meta({ title: 'Gamma shape', description: 'α of the Gamma(α, β) prior; its mean precision is α/β.', advanced: true, when: { learnPrior: [true] } }),
  precisionRate: z
    .number()
    .min(1e-3)
    .max(1e4)
    .default(10)
    .meta({ title: 'Gamma rate', description: 'β of the Gamma(α, β) prior.', advanced: true, when: { learnPrior: [true] } }),
  precisionEvery: z
    .int()
    .min(1)
    .max(100_000)
    .default(15)
    .meta({
      title: 'Draw the precision every',
      unit: 'steps',
      description: 'Steps between two draws of the precisions.',
      advanced: true,
      when: { learnPrior: [true] },
    }),
};
type Settings = z.output<z.ZodObject<typeof precisionSettings>> & { readonly chains: number };

/** Precision of each Bayesian tensor and the sum of its squares one step ago. Shapes: [chains], or [] for one. */
export interface Precisions {
  readonly [part: string]: State;
  readonly precision: Params;
  readonly squares: Params;
}

const bayesian = (target: Target) => target.parameters.filter((spec) => spec.bayesian);

export const precisionProblems = (target: Target, { learnPrior }: Settings): readonly string[] =>
  learnPrior && bayesian(target).some(({ name }) => target.prior[name]!.precision === undefined)
    ? ['Only the width of a Gaussian prior can be learnt; choose that prior, or do not learn its width.']
    : [];

export const startingPrecisions = (target: Target, { chains }: Settings): Precisions => ({
  precision: Object.fromEntries(bayesian(target).map(({ name }) => [name, fill(withChains(chains, []), target.prior[name]!.precision!)])),
  squares: Object.fromEntries(bayesian(target).map(({ name }) => [name, zeros(withChains(chains, []))])),
});

/** Σ log N(w; 0, 1/τ) over the Bayesian tensors and the chains, each tensor with its own τ. */
export const logPriorGiven =
  (target: Target, { precision }: Precisions, chains: number) =>
  (params: Params): Scalar =>
    total(
      bayesian(target).map(({ name, shape }) => {
        const tau = precision[name]!;
        const normaliser = mul(log(mul(tau, 0.5 / Math.PI)), sizeOf(shape) / 2);
        return sum(sub(normaliser, mul(mul(tau, sumPerChain(square(params[name]!), chains)), 0.5)));
      }),
    ) as Scalar;

export const measured = (target: Target, { precision }: Precisions, params: Params, chains: number): Precisions => ({
  precision,
  squares: Object.fromEntries(bayesian(target).map(({ name }) => [name, sumPerChain(square(params[name]!), chains)])),
});

/** τ ~ Gamma(α + n/2, β + ½ Σ w²) for each tensor of n weights. */
export const drawPrecisions = (target: Target, { precisionShape, precisionRate, precisionEvery }: Settings, path: string): Between => ({
  every: precisionEvery,
  reads: bayesian(target).flatMap(({ name }) => [`${path}/precision/${name}`, `${path}/squares/${name}`]),
  run: (leaves, random): HostTensors =>
    Object.fromEntries(
      bayesian(target).map(({ name, shape }) => {
        const leaf = `${path}/precision/${name}`;
        const uniform = random(name);
        const squares = leaves[`${path}/squares/${name}`]!;
        const drawn = Array.from(squares.data, (sum) => gamma(precisionShape + sizeOf(shape) / 2, uniform) / (precisionRate + sum / 2));
        return [leaf, float32(squares.shape, Float32Array.from(drawn))];
      }),
    ),
});
