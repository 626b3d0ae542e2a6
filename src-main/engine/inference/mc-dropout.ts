/** @file Dropout that stays on: masks are the posterior's randomness. */
import { div, expandDims, mul, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { onceEach, withWeights } from '../numerics/affine';
import { bernoulli, fold, type Key } from '../numerics/random';
import { mapParams } from '../numerics/tree';
import { map, type MapState } from './map';
import { defineMethod, type Target } from './method';

const rate = (usual: number) => z.number().min(0).max(0.95).default(usual);

/** In the order of the layers. */
export const kernelsOf = (target: Target) => target.parameters.filter(({ role }) => role === 'kernel');

/** Rate of the units that each kernel meets: its layer's own, or the method's, the first one meets the data; 0 before a layer that is not sampled. */
const ratesOf = (target: Target, { inputRate, rate }: { readonly inputRate: number; readonly rate: number }): ReadonlyMap<string, number> =>
  new Map(kernelsOf(target).map(({ name, sample, dropRate }, i) => [name, sample === false ? 0 : (dropRate ?? (i === 0 ? inputRate : rate))]));

/** 1/(1 − rate) with probability 1 − rate, else 0. */
const mask = (key: Key, dropped: number, shape: readonly number[]): Tensor => div(bernoulli(key, 1 - dropped, shape), 1 - dropped);

/** A mask for each row and channel of x, the same at all places of a row. */
export const maskShape = (x: Tensor): number[] => x.shape.map((n, axis) => (axis === 0 || axis === x.rank - 1 ? n : 1));

/** The target under masks of its own for each row: what a method that knows nothing of dropout then optimises. */
const withMasks = (target: Target, rates: ReadonlyMap<string, number>): Target => ({
  ...target,
  logLikelihood(params, batch, key) {
    const once = onceEach();
    return target.logLikelihood(params, batch, key, (affine, x) => {
      const dropped = rates.get(affine.kernel) ?? 0;
      if (dropped === 0) return withWeights(params)(affine, x);
      const shape = x.shape.map((n, axis) => (axis === 0 || axis === x.rank - 1 ? n : 1));
      const own = once(affine.kernel, () => mask(fold(key, affine.kernel), dropped, shape));
      return withWeights(params)(affine, mul(x, own));
    });
  },
});

/**
 * MAP of a network whose units drop out. A draw is one set of masks for all rows: dropping a unit is dropping the kernel's row that
 * it meets, (x m) W = x (diag(m) W), so that a draw is a set of weights like any other.
 */
export const mcDropout = defineMethod({
  id: 'mc-dropout',
  title: 'MC dropout',
  reference: 'Gal & Ghahramani (2016), Dropout as a Bayesian Approximation, sec. 3',
  help: 'Trains an ordinary network while units drop out at random, and keeps dropping them when it predicts: each mask is a draw. As fast as MAP with half its parameters idle; the uncertainty depends on the rate you choose. The prior acts as weight decay, as for MAP.',
  settings: z.strictObject({
    rate: rate(0.5).meta({
      title: 'Dropout rate',
      description: 'Probability that a hidden unit is dropped; a layer may have a rate of its own (Build). What remains is scaled by 1/(1 − rate).',
    }),
    inputRate: rate(0).meta({ title: 'Input dropout rate', description: 'Probability that an input is dropped. Original dropout uses 0.2 on images.' }),
    ...map.settings.shape,
  }),
  converges: 'heuristic',
  randomDraws: true,
  switches: ['sample', 'trainable', 'dropRate'],
  metrics: map.metrics,
  problems: (target, { rate, inputRate }) => [
    ...(Math.max(...ratesOf(target, { rate, inputRate }).values()) > 0
      ? []
      : ['MC dropout has nothing to drop: no draw would differ from another. Give a rate above 0, add a hidden layer, or choose MAP.']),
    ...kernelsOf(target)
      .filter(({ affine }) => !affine)
      .map(({ name }) => `MC dropout cannot drop units before ${name}, whose layer is not affine in it; choose Bayes by Backprop.`),
  ],
  build(target, settings) {
    const rates = ratesOf(target, settings);
    return {
      ...map.build(withMasks(target, rates), settings),
      draw: ({ params }: MapState, key) =>
        mapParams((name, value) => {
          const dropped = rates.get(name) ?? 0;
          return dropped === 0 ? value : mul(value, expandDims(mask(fold(key, name), dropped, value.shape.slice(-2, -1)), 1));
        }, params),
    };
  },
});
