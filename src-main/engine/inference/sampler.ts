/**
 * @file What the samplers share: chains as a leading axis, the potential energy U(θ) = −log p(D | θ) − log p(θ) and its gradient,
 * and what tells of a chain's health.
 */
import { add, div, gather, mul, neg, reshape, scalar, sum, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { valuesAndGrad } from '../numerics/autodiff';
import { sizeOf } from '../numerics/host-tensor';
import { fold, normal, type Key } from '../numerics/random';
import type { Batch, State } from '../numerics/step';
import { mapParams, type Params } from '../numerics/tree';
import { initialise } from './initialisation';
import type { Algorithm, MethodMetric, Target } from './method';
import type { SamplerSettings } from './sampler-settings';

/** A sampler's position, with whatever else its method carries along. With C > 1 chains every leaf of `params` has a leading axis [C]. */
export interface SamplerState {
  readonly [part: string]: State | Tensor;
  readonly params: Params;
}

export const samplerMetrics: readonly MethodMetric[] = [
  { id: 'nll', title: 'Negative log-likelihood', unit: 'nats per row' },
  { id: 'logPrior', title: 'Log prior', unit: 'nats' },
  { id: 'potential', title: 'Potential energy', unit: 'nats per row' },
  { id: 'configurationalTemperature', title: 'Configurational temperature', unit: '' },
];

/** What no sampler can do, each with what can be used instead. */
export function samplerProblems(title: string, target: Target): readonly string[] {
  return [
    ...(target.parameters.some(({ bayesian }) => bayesian) ? [] : [`${title} needs a layer with Bayesian weights; choose MAP for point estimates.`]),
    ...(Object.values(target.prior).some(({ improper }) => improper)
      ? [`${title} cannot use a flat prior, under which the weights of a network wander off for ever; choose a Gaussian prior with a large standard deviation.`]
      : []),
  ];
}

/** Parameters that a chain moves through at random: all but the weights of layers that are point estimates. A noise level is sampled under a flat prior on its logarithm. */
export const isSampled = ({ bayesian, role }: Target['parameters'][number]): boolean => bayesian || role === 'noise';

export const withChains = (chains: number, shape: readonly number[]): number[] => (chains > 1 ? [chains, ...shape] : [...shape]);

/** Each chain's own start. */
export const initialParams = (target: Target, { chains, initialisation }: SamplerSettings, key: Key): Params =>
  Object.fromEntries(target.parameters.map((spec) => [spec.name, initialise({ ...spec, shape: withChains(chains, spec.shape) }, initialisation, 0, key)]));

/** Chains in turn. */
export const drawChains = (chains: number): Pick<Algorithm<SamplerState>, 'draw' | 'members'> =>
  chains > 1
    ? { members: chains, draw: ({ params }, _key, index) => mapParams((_name, value) => gather(value, index), params) }
    : { draw: ({ params }) => params };

/** Sum over everything but the chains. Shapes: [C, …] → [C], or […] → [] for a single chain. */
export const sumPerChain = (x: Tensor, chains: number): Tensor => (chains > 1 ? sum(reshape(x, [chains, -1]), 1) : sum(x));
/** A number per chain, shaped so that it broadcasts against `like`. */
export const spread = (perChain: Tensor, like: Tensor, chains: number): Tensor =>
  chains > 1 ? reshape(perChain, [chains, ...like.shape.slice(1).map(() => 1)]) : perChain;
export const total = (tensors: readonly Tensor[]): Tensor => tensors.reduce((one, other) => add(one, other));

/** ξ ~ N(0, I) for one parameter. */
export const noiseFor = (key: Key, name: string, like: Tensor): Tensor => normal(fold(key, name), like.shape);

/**
 * ∇U of each chain, and what is reported: means over the chains. `batch` stands for the whole data set.
 * `logPrior`: where the method has a prior of its own, summed over the chains.
 */
export function potential(
  target: Target,
  params: Params,
  batch: Batch,
  key: Key,
  chains: number,
  logPrior: (params: Params) => Scalar = (at) => target.logPrior(at),
): { readonly gradient: Params; readonly info: { readonly [name: string]: Tensor } } {
  const { values, grads } = valuesAndGrad(
    (at) => ({ logLikelihood: target.logLikelihood(at, batch, fold(key, 'forward')), logPrior: logPrior(at) }),
    { logLikelihood: scalar(-1), logPrior: scalar(-1) },
    params,
  );
  const sampled = target.parameters.filter(isSampled);
  const degrees = chains * sampled.reduce((n, { shape }) => n + sizeOf(shape), 0);
  return {
    gradient: grads,
    info: {
      nll: div(values.logLikelihood, -target.rows * chains),
      logPrior: div(values.logPrior, chains),
      potential: div(neg(add(values.logLikelihood, values.logPrior)), target.rows * chains),
      // ⟨θ · ∇U⟩ / d is T for p^{1/T} (the virial theorem)
      configurationalTemperature: div(total(sampled.map(({ name }) => sum(mul(params[name]!, grads[name]!)))), degrees),
    },
  };
}
