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
export function samplerProblems(title: string, target: Target, { draws, lastDraw }: SamplerSettings): readonly string[] {
  return [
    ...(draws === 1 && lastDraw === 'dropped' ? [`${title} would keep no draw: it has one, and drops the last; ask for more draws, or keep the last.`] : []),
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

/** ∇U in its two parts, so that each is added where it costs least. */
export interface Force {
  /** −∇ log p(D | θ) */
  readonly fit: Params;
  /** −∇ log p(θ), of the parameters that have a prior. */
  readonly prior: Params;
}

/** ∇U, the fit scaled by `factor` of each chain where one is given. */
export const gradientOf = ({ fit, prior }: Force, chains = 1, factor?: Tensor): Params =>
  mapParams((name, g) => {
    const scaled = factor ? mul(g, spread(factor, g, chains)) : g;
    return prior[name] ? add(scaled, prior[name]) : scaled;
  }, fit);

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
): { readonly force: Force; readonly info: { readonly [name: string]: Tensor } } {
  const fit = valuesAndGrad((at) => ({ value: target.logLikelihood(at, batch, fold(key, 'forward')) }), { value: scalar(-1) }, params);
  const proper = Object.keys(target.prior).filter((name) => !target.prior[name]!.improper);
  const weights = Object.fromEntries(proper.map((name) => [name, params[name]!]));
  const prior =
    proper.length > 0
      ? valuesAndGrad((at) => ({ value: logPrior({ ...params, ...at }) }), { value: scalar(-1) }, weights)
      : { values: { value: scalar(0) }, grads: {} };
  const force = { fit: fit.grads, prior: prior.grads };
  return {
    force,
    info: {
      nll: div(fit.values.value, -target.rows * chains),
      logPrior: div(prior.values.value, chains),
      potential: div(neg(add(fit.values.value, prior.values.value)), target.rows * chains),
      configurationalTemperature: configurationalTemperature(target, params, force, chains, largestMeasured),
    },
  };
}

/** Larger tensors are left out of the temperature at every step: a pass over all weights would cost a tenth of the step. */
const largestMeasured = 2 ** 14;

/**
 * ⟨θ · ∇U⟩ / d, which is T for p^{1/T} over any d of the coordinates (the virial theorem): here over the tensors of up to `largest`
 * entries, or over all where none is so small.
 */
export function configurationalTemperature(target: Target, params: Params, { fit, prior }: Force, chains: number, largest = Infinity): Tensor {
  const sampled = target.parameters.filter(isSampled);
  const small = sampled.filter(({ shape }) => sizeOf(shape) <= largest);
  const measured = small.length > 0 ? small : sampled;
  const virial = ({ name }: Target['parameters'][number]): Tensor => sum(mul(params[name]!, prior[name] ? add(fit[name]!, prior[name]) : fit[name]!));
  return div(total(measured.map(virial)), chains * measured.reduce((n, { shape }) => n + sizeOf(shape), 0));
}
