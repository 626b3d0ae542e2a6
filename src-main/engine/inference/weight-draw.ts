/** @file Reparametrised draws w = mean + σ · noise of a factorised posterior. */
import { add, mul, type Tensor } from '@tensorflow/tfjs-core';
import { normal, type Key } from '../numerics/random';
import { mapParams, type Params } from '../numerics/tree';

/** Means and deviations, or what belongs to each. A point parameter has a mean only. */
export type Moments = { readonly mean: Params; readonly sd: Params };

/** One draw. The noise is made when first asked for: an estimator that needs none costs none. */
export interface WeightDraw extends Moments {
  noise(): Params;
}

/** What is scaled to a draw, one tensor for each parameter. */
export interface Noise {
  draw(key: Key, shape: readonly number[]): Tensor;
  /** Entropy of the noise of a tensor of this many entries, in nats; that of q is this + Σ log σ. */
  entropy(size: number): number;
}

export const gaussianNoise: Noise = { draw: normal, entropy: (size) => 0.5 * Math.log(2 * Math.PI * Math.E) * size };

/** σ · noise */
export const perturbation = ({ sd, noise }: WeightDraw): Params => mapParams((name, epsilon) => mul(sd[name]!, epsilon), noise());

/** All weights of the draw, point parameters as they are. */
export const weightsOf = (draw: WeightDraw): Params => ({
  ...draw.mean,
  ...mapParams((name, delta) => add(draw.mean[name]!, delta), perturbation(draw)),
});

/** ∂/∂σ of what has these gradients by the drawn weights. */
export const bySd = (gradient: Params, draw: WeightDraw): Params => mapParams((name, epsilon) => mul(gradient[name]!, epsilon), draw.noise());
