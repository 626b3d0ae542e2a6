/** @file Training towards a mode of the posterior: what MAP, ensembles, snapshots and weight averages share. */
import { add, div, gather, mul, neg, scalar, sum, zerosLike, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { valuesAndGrad } from '../numerics/autodiff';
import { fold } from '../numerics/random';
import type { Batch, State } from '../numerics/step';
import { mapParams, type Params } from '../numerics/tree';
import { initialise, Initialisation } from './initialisation';
import type { Algorithm, MethodMetric, Target } from './method';
import { makeOptimiser, optimiserSettings, type OptimiserSettings } from './optimisers';

/** With K members every leaf has a leading axis [K]. */
export interface PointState {
  readonly [part: string]: State | Tensor;
  readonly params: Params;
  readonly optimiser: State;
}

export const pointSettings = {
  ...optimiserSettings,
  initialisation: Initialisation.exclude(['uniform'])
    .default('fan-in')
    .meta({
      title: 'Initialisation',
      description: 'fan-in: uniform ±1/√fan-in, as PyTorch does. he: normal with variance 2/fan-in. glorot: uniform ±√(6/(fan-in + fan-out)).',
      advanced: true,
    }),
};
export type PointSettings = OptimiserSettings & { readonly initialisation: Exclude<Initialisation, 'uniform'> };

/** Means over the members. */
export const pointMetrics: readonly MethodMetric[] = [
  { id: 'nll', title: 'Negative log-likelihood', unit: 'nats per row' },
  { id: 'logPrior', title: 'Log prior', unit: 'nats' },
  { id: 'objective', title: 'Objective', unit: 'nats per row' },
];

/** argmin_w −(1/N) [log p(D | w) + log p(w)]; with a number of members, of each by itself in one graph. */
export function pointEstimate(target: Target, settings: PointSettings, members?: number): Algorithm<PointState> {
  const optimiser = makeOptimiser(settings);
  const frozen = new Set(target.parameters.filter(({ trainable }) => trainable === false).map(({ name }) => name));
  const perMember = (value: Scalar): Scalar => (members === undefined ? value : div(value, members));
  return {
    init(key): PointState {
      const shape = (own: readonly number[]) => (members === undefined ? own : [members, ...own]);
      const params = Object.fromEntries(
        target.parameters.map((spec) => [spec.name, initialise({ ...spec, shape: shape(spec.shape) }, settings.initialisation, 0, key)]),
      );
      return { params, optimiser: optimiser.init(params) };
    },
    steps: {
      main(state, batch, key, hyper) {
        const weight = scalar(-1 / target.rows);
        const { values, grads } = valuesAndGrad(
          (params) => ({ logLikelihood: weighted(target, params, batch, fold(key, 'forward')), logPrior: target.logPrior(params) }),
          { logLikelihood: weight, logPrior: weight },
          state.params,
        );
        const gradient = mapParams((name, g) => (frozen.has(name) ? zerosLike(g) : g), grads);
        const next = optimiser.update(state.optimiser, state.params, gradient, hyper);
        const info = {
          nll: perMember(mul(values.logLikelihood, -1 / target.rows)),
          logPrior: perMember(values.logPrior),
          objective: perMember(mul(neg(add(values.logLikelihood, values.logPrior)), 1 / target.rows)),
        };
        return { state: { params: next.parameters, optimiser: next.state }, info };
      },
    },
    schedule: (time) => ({ step: 'main', hyper: optimiser.hyper(time) }),
    draw: ({ params }, _key, index) => (members === undefined ? params : mapParams((_name, value) => gather(value, index), params)),
    ...(members === undefined
      ? { adopt: (state, weights) => ({ ...state, ...Object.fromEntries(Object.entries(weights).map(([name, w]) => [`params/${name}`, w])) }) }
      : { members }),
  };
}

/** (N/n) Σ weight · log p of each row; each counts once where the batch says nothing else. */
function weighted(target: Target, params: Params, batch: Batch, key: Parameters<Target['logLikelihood']>[2]): Scalar {
  const weight = batch['weight'];
  if (!weight) return target.logLikelihood(params, batch, key);
  const perRow = target.perRowLogLikelihood(params, batch, key);
  return mul(sum(mul(perRow, weight)), target.rows / perRow.shape.at(-1)!);
}
