/** @file The step size of each weight for SG-HMC, from running moments of the gradient whose window adapts too. */
import { add, mul, onesLike, reciprocal, sqrt, square, sub } from '@tensorflow/tfjs-core';
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
  return {
    window: next,
    mean: towards(mean, gradient),
    square: towards(
      squares,
      mapParams((_name, g) => square(g), gradient),
    ),
  };
}

/** M⁻¹ = 1/√V, for each weight. */
export const inverseMass = ({ square: squares }: Scales): Params => mapParams((_name, v) => reciprocal(add(sqrt(v), tiny)), squares);
