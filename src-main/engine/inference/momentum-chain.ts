/** @file What the samplers with a momentum share: v = ε p moves the position by itself, its mean square is the kinetic temperature. */
import { add, div, mul, square, zerosLike, type Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../numerics/host-tensor';
import { mapParams, type Params } from '../numerics/tree';
import type { MethodMetric, Target } from './method';
import { isSampled, sumPerChain, total, type SamplerState } from './sampler';

export interface MomentumState extends SamplerState {
  /** v, of the shapes of `params`. */
  readonly momentum: Params;
}

export const atRest = (params: Params): Params => mapParams((_name, value) => zerosLike(value), params);

export const kineticMetric: MethodMetric = { id: 'kineticTemperature', title: 'Kinetic temperature', unit: '' };

/** Numbers that one chain samples. */
const degreesOf = (target: Target): number => target.parameters.filter(isSampled).reduce((n, { shape }) => n + sizeOf(shape), 0);

/** Σ v² M / (ε² d) of each chain, d its degrees of freedom: T for an exact sampler. `mass`: M, 1 unless given. Shapes: [chains], or [] for one. */
export function kineticTemperature(target: Target, momentum: Params, stepSize: Tensor, chains: number, mass?: Params): Tensor {
  const squares = target.parameters.filter(isSampled).map(({ name }) => {
    const v2 = square(momentum[name]!);
    return sumPerChain(mass ? mul(v2, mass[name]!) : v2, chains);
  });
  return div(total(squares), mul(square(stepSize), degreesOf(target)));
}

/** θ + v */
export const moved = (params: Params, momentum: Params): Params => mapParams((name, theta) => add(theta, momentum[name]!), params);
