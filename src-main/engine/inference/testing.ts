/** @file What the tests of methods share: eager noise, and a conjugate model with its exact answers. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { fill, reshape, setBackend, tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { matrixProduct } from '../nn/affine';
import { withWeights } from '../numerics/affine';
import { sizeOf } from '../numerics/host-tensor';
import { fold, type NoiseSource } from '../numerics/random';
import type { Batch } from '../numerics/step';
import { likelihoods } from '../probability/likelihoods';
import { priors } from '../probability/priors';
import { makeTarget, type Target } from '../probability/target';

await setBackend('cpu');

/** mulberry32 with Box–Muller, addressed by (seed, step, address). */
export const seededNoise = (seed: number, step: number): NoiseSource => ({
  draw(kind, address, shape) {
    let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(step + 1, 0x85ebca6b) ^ address) >>> 0;
    const uniform = () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
    const value = kind === 'uniform' ? uniform : () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    return tensor(Float32Array.from({ length: sizeOf(shape) }, value), [...shape]);
  },
});

/** ±1 by turns, each sign `period` times. */
const alternating = (length: number, period: number): number[] => Array.from({ length }, (_, i) => (Math.floor(i / period) % 2 ? -1 : 1));

/**
 * Four draws of noise whose mean is exactly 0 and covariance exactly I, for the pair w and for one activation of each row: under them the
 * stochastic gradient of the conjugate model, whose log-posterior is quadratic, is the expected one, and a method's limit can be tested to
 * many digits. Signs are not flipped, and a radius is always 1.
 */
export const exactNoise = (seed: number, step: number): NoiseSource => {
  const seeded = seededNoise(seed, step);
  const values = new Map<number, readonly number[]>();
  [
    [1, 1],
    [1, -1],
    [-1, 1],
    [-1, -1],
  ].forEach((pair, draw) => {
    const own = fold({ source: seeded, address: 0 }, draw);
    values.set(fold(own, 'w').address, pair);
  });
  const activations = fold(fold(fold({ source: seeded, address: 0 }, 0), 'forward'), 'w').address;
  return {
    draw(kind, address, shape) {
      if (address === activations) return tensor(alternating(sizeOf(shape), conjugateTargets.length), [...shape]);
      const exact = values.get(address);
      if (kind === 'normal' && exact) return tensor(exact, [...shape]);
      return kind === 'normal' && shape.length > 0 ? seeded.draw(kind, address, shape) : fill([...shape], kind === 'normal' ? 1 : 0);
    },
  };
};

/** Linear regression on [1, x], prior N(0, I), noise variance 1/25: a correlated Gaussian posterior about which everything is known. */
export const conjugate = {
  mean: [0.06949270326615725, 0.9532082464674542],
  variance: [0.027102154273801252, 0.007798625588757624],
  covariance: -0.011582117211026175,
  /** 1 / diagonal of the precision I + 25 XᵀX: the variances of the best factorised Gaussian. */
  meanFieldVariance: [1 / 101, 1 / 351],
  logEvidence: -2.8320913645964385,
  /** log evidence − KL(best factorised Gaussian ‖ posterior); the KL is ½ log(101 · 351 · |covariance|). */
  meanFieldElbo: -3.33558,
} as const;

const conjugateTargets = [0.1, 0.9, 2.1, 2.9];

/** `rows`: of the training part, of which a batch may be a share. */
export const conjugateTarget = (rows = 4): Target =>
  makeTarget({
    parameters: [{ name: 'w', shape: [2, 1], role: 'kernel', fanIn: 2, fanOut: 1, bayesian: true, affine: 'once', layer: 0 }],
    forward: (params, x, _key, rule = withWeights(params)) =>
      rule({ kernel: 'w', bias: 'none', product: (input, kernel) => matrixProduct(input, kernel.rank === 1 ? reshape(kernel, [2, 1]) : kernel) }, x),
    likelihood: likelihoods.gaussian.build({ noise: 'fixed', sd: 0.2 }, { kind: 'regression', outputs: 1 }),
    priors: { w: priors.gaussian.build({ sd: 1 }) },
    rows,
  });

/** All four rows. */
export const conjugateBatch = (): Batch => ({
  x: tensor2d([1, 0, 1, 1, 1, 2, 1, 3], [4, 2]),
  y: tensor2d(conjugateTargets, [4, 1]),
});

/** What `f` computes, read before its tensors go. */
export function read<Result>(f: () => Result): Result {
  let result: Result;
  tidy(() => {
    result = f();
  });
  return result!;
}
