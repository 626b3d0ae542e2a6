/** @file Mean-field variational inference whose weight draw is decorrelated between the rows of a batch. */
import { add, mul, scalar, sub, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { onceEach, withWeights, type AffineRule } from '../numerics/affine';
import { valuesAndGrad } from '../numerics/autodiff';
import { bernoulli, fold, type Key } from '../numerics/random';
import { mapParams, type Params } from '../numerics/tree';
import { boundMetrics, evidenceBound, type Estimator } from './evidence-bound';
import { divergenceOf } from './kl-divergence';
import { meanField, meanFieldProblems, meanFieldSwitches } from './mean-field';
import { drawsSetting, klSetting, meanFieldSettings } from './mean-field-settings';
import { defineMethod } from './method';
import { bySd, perturbation } from './weight-draw';

/** ±1 for each row and channel of x, the same at all places of a row. */
const signs = (key: Key, x: Tensor): Tensor =>
  sub(
    mul(
      bernoulli(
        key,
        0.5,
        x.shape.map((n, axis) => (axis === 0 || axis === x.rank - 1 ? n : 1)),
      ),
      2,
    ),
    1,
  );

/** x ∗ mean + ((x r) ∗ delta) s with signs r, s of each row; the bias is a weight whose input and r are 1. Wen et al. (2018), sec. 3.1. */
const withSigns = (mean: Params, delta: Params, key: Key): AffineRule => {
  const once = onceEach();
  return (map, x) => {
    const centre = withWeights(mean)(map, x);
    if (!delta[map.kernel]) return centre;
    const own = (side: string, of: Tensor) => once(`${map.kernel} ${side}`, () => signs(fold(fold(key, map.kernel), side), of));
    const flipped = withWeights(delta)(map, mul(x, own('inputs', x)));
    return add(centre, mul(flipped, own('outputs', centre)));
  };
};

const deltaOf = (name: string) => `delta of ${name}`;

/** Each row sees weights of the right distribution; only their correlation between rows changes. With g = ∂/∂delta, ∂/∂σ = g · noise. */
const bySigns: Estimator = (target, draw, batch, key, weights) => {
  const delta = perturbation(draw);
  const { values, grads } = valuesAndGrad(
    (params) => {
      const own = mapParams((name) => params[deltaOf(name)]!, delta);
      return {
        logLikelihood: target.logLikelihood(params, batch, key, withSigns(params, own, key)),
        logPrior: weights.logPrior ? target.logPrior(mapParams((name, d) => add(params[name]!, d), own)) : scalar(0),
      };
    },
    { logPrior: scalar(0), ...weights },
    { ...draw.mean, ...Object.fromEntries(Object.entries(delta).map(([name, d]) => [deltaOf(name), d])) },
  );
  return {
    ...values,
    mean: mapParams((name) => grads[name]!, draw.mean),
    sd: bySd(
      mapParams((name) => grads[deltaOf(name)]!, delta),
      draw,
    ),
  };
};

/** The same posterior and bound as Bayes by Backprop, for any layer that is affine in its weights. */
export const flipout = defineMethod({
  id: 'flipout',
  title: 'Flipout',
  reference: 'Wen et al. (2018), Flipout: Efficient Pseudo-Independent Weight Perturbations on Mini-Batches, sec. 3.1',
  help: 'Fits the same mean and standard deviation for every weight as Bayes by Backprop; one weight draw serves the batch, its signs flipped at random for each row, so that the noise of the rows averages out. Differs from BLiTZ: only the deviation from the mean is flipped, never the mean.',
  settings: z.strictObject({ draws: drawsSetting(1), kl: klSetting('closed-form'), ...meanFieldSettings }),
  converges: 'mean-field',
  randomDraws: true,
  switches: meanFieldSwitches,
  metrics: boundMetrics,
  problems: (target, settings) => [
    ...meanFieldProblems('Flipout', target, settings),
    ...target.parameters
      .filter(({ bayesian, role, affine }) => bayesian && role === 'kernel' && !affine)
      .map(({ name }) => `Flipout cannot flip the signs of ${name}, whose layer is not affine in it; choose Bayes by Backprop.`),
  ],
  build: (target, settings) =>
    meanField(target, settings, {
      objective: evidenceBound({ estimate: bySigns, divergence: divergenceOf(settings.kl), temperature: settings.temperature }),
      draws: settings.draws,
    }),
});
