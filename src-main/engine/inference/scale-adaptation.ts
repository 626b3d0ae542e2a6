/** @file The step size of each weight, from running moments of its gradient. */
import { add, maximum, mean as average, mul, onesLike, reciprocal, sqrt, square, sub } from '@tensorflow/tfjs-core';
import type { State } from '../numerics/step';
import { mapParams, type Params } from '../numerics/tree';

/** Window τ, mean g and mean square V of the gradient, for each weight. */
export interface Scales {
  readonly [moment: string]: State;
  readonly window: Params;
  readonly mean: Params;
  readonly square: Params;
}

const tiny = 1e-6;

/** All start at 1, as in the reference repository. */
export const newScales = (params: Params): Scales => {
  const ones = () => mapParams((_name, value) => onesLike(value), params);
  return { window: ones(), mean: ones(), square: ones() };
};

/** τ ← τ − τ g²/V + 1, then g ← g + (∇ − g)/τ, V ← V + (∇² − V)/τ. @see Springenberg et al. (2016), Bayesian Optimization with Robust Bayesian Neural Networks, eq. 8–10 */
export function adaptScales({ window, mean, square: squares }: Scales, gradient: Params): Scales {
  const next = mapParams((name, tau) => add(sub(tau, mul(tau, mul(square(mean[name]!), reciprocal(add(squares[name]!, tiny))))), 1), window);
  const towards = (from: Params, to: Params): Params =>
    mapParams((name, value) => add(value, mul(sub(to[name]!, value), reciprocal(add(next[name]!, tiny)))), from);
  const squared = mapParams((_name, g) => square(g), gradient);
  return {
    window: next,
    mean: towards(mean, gradient),
    square: withFloor(towards(squares, squared), squares),
  };
}

/**
 * At least a hundredth of the tensor's mean a step ago. A weight behind a unit that is never active is pulled by its prior alone: as it
 * passes 0 its mean square vanishes, and frozen there its step would be without bound.
 */
export const withFloor = (squares: Params, before: Params): Params => mapParams((name, v) => maximum(v, mul(average(before[name]!), 0.01)), squares);

/** M⁻¹ = 1/√V, for each weight. */
export const inverseMass = ({ square: squares }: Scales): Params => mapParams((_name, v) => reciprocal(add(sqrt(v), tiny)), squares);
