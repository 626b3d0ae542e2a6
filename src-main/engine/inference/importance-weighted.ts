/** @file The importance-weighted bound of a factorised posterior: tighter than the evidence lower bound, the more draws it averages. */
import { add, div, log, logSumExp, mul, neg, scalar, stack, square, sub, sum, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { valuesAndGrad } from '../numerics/autodiff';
import { fold } from '../numerics/random';
import { mapParams, type Params } from '../numerics/tree';
import { plus, type Objective } from './evidence-bound';
import { meanField, meanFieldProblems } from './mean-field';
import { drawsSetting, meanFieldSettings } from './mean-field-settings';
import { defineMethod } from './method';
import { weightsOf } from './weight-draw';

const nameOf = (draw: number, name: string) => `${name} of draw ${draw}`;
const total = (terms: readonly Scalar[]): Scalar => terms.reduce<Scalar>((sofar, term) => add(sofar, term), scalar(0));

/**
 * log (1/K) Σ_k exp a_k with a_k = (N/n) Σ log p(y | x, w_k) + β [log p(w_k) − log q(w_k)]. Along a reparametrised draw log q(w) = −Σ log σ − ½ Σ ε² + c,
 * so that only log p(y, w) goes through the network's tape; its gradient comes weighted by the softmax of a. `sign` −1 is the reference repository's.
 */
const logMeanWeight =
  (sign: 1 | -1): Objective =>
  (target, { mean, sd }, draws, batch, klWeight) => {
    const weights = draws.map(({ draw }) => weightsOf(draw));
    const noise = draws.map(({ draw }) => draw.noise());
    const bayesian = Object.keys(sd);
    const points = Object.fromEntries(Object.entries(mean).filter(([name]) => !sd[name]));
    const leaves = Object.assign({}, points, ...weights.map((w, k) => Object.fromEntries(bayesian.map((name) => [nameOf(k, name), w[name]!])))) as Params;
    const count = draws.length;
    const perRow = scalar(-1 / target.rows);
    const entropy = total(bayesian.map((name) => sum(log(sd[name]!))));
    const constant = 0.5 * Math.log(2 * Math.PI) * bayesian.reduce((n, name) => n + sd[name]!.size, 0);
    const { values, grads } = valuesAndGrad(
      (params) => {
        const terms = draws.map(({ key }, k) => {
          const own = Object.fromEntries(Object.keys(mean).map((name) => [name, params[sd[name] ? nameOf(k, name) : name]!]));
          const fit = target.logLikelihood(own, batch, fold(key, 'forward'));
          const halfSquares = mul<Scalar>(total(bayesian.map((name) => sum(square(noise[k]![name]!)))), 0.5);
          return { fit, ratio: add<Scalar>(target.logPrior(own), halfSquares) };
        });
        const exponents = stack(terms.map(({ fit, ratio }) => mul(add(fit, mul(klWeight, ratio)), sign)));
        return {
          bound: mul<Scalar>(sub(logSumExp(exponents), Math.log(count)), sign),
          logLikelihood: div<Scalar>(total(terms.map(({ fit }) => fit)), count),
        };
      },
      { bound: perRow, logLikelihood: scalar(0) },
      leaves,
    );
    const byDraw = (name: string, factor: (k: number) => Tensor | number): Tensor =>
      draws.map((_, k) => mul(grads[nameOf(k, name)]!, factor(k))).reduce((one, other) => add(one, other));
    const bound = add(values.bound, mul(klWeight, add(entropy, constant)));
    return {
      mean: plus(
        mapParams((name) => byDraw(name, () => 1), sd),
        mapParams((name) => grads[name]!, points),
      ),
      sd: mapParams(
        (name, sigma) =>
          sub(
            byDraw(name, (k) => noise[k]![name]!),
            div(div(klWeight, target.rows), sigma),
          ),
        sd,
      ),
      info: { nll: mul(values.logLikelihood, perRow), importanceBound: div(bound, target.rows), objective: neg(div(bound, target.rows)) },
    };
  };

/** Maximises log (1/K) Σ p(D, w_k)/q(w_k) over the factorised posterior that proposes the w_k. */
export const importanceWeighted = defineMethod({
  id: 'importance-weighted',
  title: 'Importance-weighted BBP',
  reference: 'Burda, Grosse & Salakhutdinov (2016), Importance Weighted Autoencoders, eq. 8, for weights instead of latent variables',
  help: 'Bayes by Backprop whose draws compete: the bound is the logarithm of their mean weight, so that the posterior may leave some draws bad if others are good. It is tighter the more draws there are. With all rows in a batch it is a lower bound of the evidence; with minibatches it is a surrogate, not a bound, and is never shown as one.',
  settings: z.strictObject({
    draws: drawsSetting(5),
    asReference: z.boolean().default(false).meta({
      title: 'As in the reference repository',
      description: 'Its sign is the other way round: the logarithm of the mean of exp(+cost), which favours the worst draw. For comparison only.',
      advanced: true,
    }),
    ...meanFieldSettings,
    temperature: z
      .literal(1, { error: 'Importance weights have no temperature: leave it at 1, or choose Bayes by Backprop' })
      .default(1)
      .meta({ title: 'Temperature', description: 'Importance weights have none.' }),
  }),
  converges: 'heuristic',
  randomDraws: true,
  switches: ['trainable'],
  metrics: [
    { id: 'nll', title: 'Expected negative log-likelihood', unit: 'nats per row' },
    { id: 'importanceBound', title: 'Importance-weighted surrogate (a bound with all rows in a batch)', unit: 'nats per row' },
    { id: 'objective', title: 'Objective', unit: 'nats per row' },
  ],
  problems: (target, settings) => meanFieldProblems('Importance-weighted BBP', target, { ...settings, kl: 'monte-carlo' }),
  build: (target, settings) => meanField(target, settings, { objective: logMeanWeight(settings.asReference ? -1 : 1), draws: settings.draws }),
});
