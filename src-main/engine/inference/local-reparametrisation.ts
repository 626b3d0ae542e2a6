/** @file Mean-field variational inference that draws activations instead of weights. */
import { add, mul, scalar, sqrt, square, sub, tile, type Scalar } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { withWeights, type AffineRule } from '../numerics/affine';
import { valuesAndGrad } from '../numerics/autodiff';
import { fold, normal, type Key } from '../numerics/random';
import { mapParams, type Params } from '../numerics/tree';
import { priors } from '../probability/priors';
import { boundMetrics, evidenceBound, type Estimator } from './evidence-bound';
import { divergenceOf } from './kl-divergence';
import { meanField, meanFieldProblems, meanFieldSwitches } from './mean-field';
import { drawsSetting, klSetting, meanFieldSettings } from './mean-field-settings';
import { defineMethod, type Target } from './method';
import { bySd, weightsOf } from './weight-draw';

/** Added to every variance, so that its root has a slope where all inputs of a unit are 0. */
const tiny = 1e-12;

/**
 * The exact distribution of x W + b for weights N(mean, variance), drawn anew for each row:
 * x mean + √(x² variance) ε. Kingma et al. (2015), sec. 2.3; the bias is a weight whose input is 1. Where a row meets the weights at several
 * places or steps, each activation still has its mean and variance, but not what those of a row have in common.
 */
const withMoments = (mean: Params, variance: Params, key: Key): AffineRule => {
  const visits = new Map<string, number>();
  return (map, x) => {
    const centre = withWeights(mean)(map, x);
    if (!variance[map.kernel]) return centre;
    const visit = visits.get(map.kernel) ?? 0;
    visits.set(map.kernel, visit + 1);
    const own = fold(key, map.kernel);
    const spread = sqrt(add(withWeights(variance)(map, square(x)), tiny));
    return add(centre, mul(spread, normal(visit === 0 ? own : fold(own, visit), centre.shape)));
  };
};

/** As the reference repository: activations vary by the kernel alone, and one draw of the bias serves the batch. */
const withSharedBias = (mean: Params, variance: Params, key: Key): AffineRule => {
  const byKernel = withMoments(mean, variance, key);
  return (map, x) => {
    const y = byKernel({ ...map, bias: 'none' }, x);
    const [centre, own] = [mean[map.bias], variance[map.bias]];
    if (!centre) return y;
    return add(y, own ? add(centre, mul(sqrt(own), normal(fold(key, map.bias), own.shape))) : centre);
  };
};

const varianceOf = (name: string) => `variance of ${name}`;

/**
 * The network is differentiated by mean and variance only, with ∂/∂σ = 2σ ∂/∂variance. As each row has noise of its own, several draws
 * are one draw of a batch in which each row stands several times: larger products, and the gradients come summed.
 * A log prior without closed form still needs a draw of the weights.
 */
export const byMoments =
  (draws: number, rule: typeof withMoments = withMoments): Estimator =>
  (target, draw, batch, key, weights) => {
    const { mean, sd } = draw;
    const repeated = Object.fromEntries(
      Object.entries(batch).map(([name, part]) => [
        name,
        tile(
          part,
          part.shape.map((_, axis) => (axis === 0 ? draws : 1)),
        ),
      ]),
    );
    const leaves = { ...mean, ...Object.fromEntries(Object.entries(sd).map(([name, sigma]) => [varianceOf(name), square(sigma)])) };
    const { values, grads } = valuesAndGrad(
      (params) => {
        const variance = mapParams((name) => params[varianceOf(name)]!, sd);
        return { logLikelihood: target.logLikelihood(params, repeated, key, rule(params, variance, key)) };
      },
      { logLikelihood: weights.logLikelihood },
      leaves,
    );
    const fit = {
      mean: mapParams((name) => grads[name]!, mean),
      sd: mapParams((name, sigma) => mul(mul(sigma, 2), grads[varianceOf(name)]!), sd),
    };
    if (!weights.logPrior) return { ...fit, logLikelihood: values.logLikelihood, logPrior: scalar(0) };
    const drawn = weightsOf(draw);
    const prior = valuesAndGrad(
      (w) => ({ logPrior: target.logPrior(w) }),
      { logPrior: weights.logPrior },
      mapParams((name) => drawn[name]!, sd),
    );
    return {
      logLikelihood: values.logLikelihood,
      logPrior: prior.values.logPrior,
      mean: { ...fit.mean, ...mapParams((name, g) => add(fit.mean[name]!, g), prior.grads) },
      sd: mapParams((name, g) => add(fit.sd[name]!, g), bySd(prior.grads, draw)),
    };
  };

/** The same posterior and bound as Bayes by Backprop, with a gradient whose variance falls with the batch size. */
export const localReparametrisation = defineMethod({
  id: 'local-reparametrisation',
  title: 'Local reparametrisation',
  reference: 'Kingma, Salimans & Welling (2015), Variational Dropout and the Local Reparameterization Trick, sec. 2.3',
  help: 'Fits the same mean and standard deviation for every weight as Bayes by Backprop, but draws what each unit receives, for each row by itself, instead of the weights. Its gradients are less noisy, so one draw is enough. For dense layers, where it is exact, and on request as an approximation for others. Differs from the reference repository unless its switch is on: biases are drawn per row too, and have the same prior as the weights.',
  settings: z.strictObject({
    draws: drawsSetting(1),
    kl: klSetting('closed-form'),
    factorised: z.boolean().default(false).meta({
      title: 'Factorised-activation approximation',
      description:
        'For convolutions and recurrent layers, which meet their weights many times in a row: draws every activation by itself, with the right mean and variance but without what shared weights give them in common, so that the bound is approximate too. Off, such layers are refused.',
      advanced: true,
    }),
    asReference: z.boolean().default(false).meta({
      title: 'As in the reference repository',
      description: 'One draw of the biases serves the whole batch, and their prior is N(0, 0.1²) whatever that of the weights. For one draw per step.',
      advanced: true,
    }),
    ...meanFieldSettings,
  }),
  converges: 'mean-field',
  randomDraws: true,
  switches: meanFieldSwitches,
  metrics: boundMetrics,
  problems: (target, settings) => [
    ...meanFieldProblems('Local reparametrisation', target, settings),
    ...(settings.asReference && settings.draws > 1 ? ['As in the reference repository, one draw per step shares its biases; set the draws to 1.'] : []),
    ...target.parameters
      .filter(({ bayesian, role, affine }) => bayesian && role === 'kernel' && affine !== 'once' && !(settings.factorised && affine))
      .map(
        ({ name, affine }) =>
          `Local reparametrisation is exact only where each row meets the weights once; ${name} is used otherwise. Choose ${affine ? 'Flipout or ' : ''}Bayes by Backprop${affine ? ', or allow the factorised-activation approximation' : ''}.`,
      ),
  ],
  build: (target, settings) =>
    meanField(settings.asReference ? withFixedBiasPrior(target) : target, settings, {
      objective: evidenceBound({
        estimate: byMoments(settings.draws, settings.asReference ? withSharedBias : withMoments),
        divergence: divergenceOf(settings.kl),
        temperature: settings.temperature,
      }),
      draws: 1,
    }),
});

const referenceBiasPrior = priors.gaussian.build({ sd: 0.1 });

/** The reference repository's: 0.1 is written into its code. */
const withFixedBiasPrior = (target: Target): Target => {
  const biases = target.parameters.filter(({ bayesian, role }) => bayesian && role === 'bias').map(({ name }) => name);
  return {
    ...target,
    prior: { ...target.prior, ...Object.fromEntries(biases.map((name) => [name, referenceBiasPrior])) },
    logPrior: (params) =>
      biases.reduce<Scalar>(
        (total, name) => add(total, sub(referenceBiasPrior.logDensity(params[name]!), target.prior[name]!.logDensity(params[name]!))),
        target.logPrior(params),
      ),
  };
};
