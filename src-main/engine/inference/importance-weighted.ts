/** @file The importance-weighted bound of a factorised posterior: tighter than the evidence lower bound, the more draws it averages. */
import { add, div, log, logSumExp, mul, neg, scalar, slice, softmax, square, stack, sub, sum, unstack, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { valuesAndGrad } from '../numerics/autodiff';
import { fold } from '../numerics/random';
import type { Batch } from '../numerics/step';
import { mapParams } from '../numerics/tree';
import type { Objective } from './evidence-bound';
import { meanField, meanFieldProblems } from './mean-field';
import { drawsSetting, meanFieldSettings } from './mean-field-settings';
import { defineMethod } from './method';
import { weightsOf } from './weight-draw';

/** Rows that go through the network at once: a bound needs all rows of the data in its logarithm, but not in memory. */
const together = 10_000;

const total = (terms: readonly Scalar[]): Scalar => terms.reduce<Scalar>((sofar, term) => add(sofar, term), scalar(0));

/** A batch in parts of at most so many rows. */
function partsOf(batch: Batch, most: number): { readonly part: Batch; readonly rows: number }[] {
  const rows = batch['y']!.shape[0]!;
  if (rows <= most) return [{ part: batch, rows }];
  return Array.from({ length: Math.ceil(rows / most) }, (_, i) => {
    const [first, count] = [i * most, Math.min(most, rows - i * most)];
    const cut = (tensor: Tensor) => slice(tensor, [first, ...tensor.shape.slice(1).map(() => 0)], [count, ...tensor.shape.slice(1)]);
    return { part: Object.fromEntries(Object.entries(batch).map(([name, tensor]) => [name, cut(tensor)])), rows: count };
  });
}

/**
 * log (1/K) Σ_k exp a_k with a_k = (N/n) Σ log p(y | x, w_k) + β [log p(w_k) − log q(w_k)]. Along a reparametrised draw log q(w) = −Σ log σ − ½ Σ ε² + c,
 * so that only log p(y, w) goes through the network's tape; its gradient counts by the softmax of a. `sign` −1 is the reference repository's.
 */
export const logMeanWeight =
  (sign: 1 | -1, most = together): Objective =>
  (target, { mean, sd }, draws, batch, klWeight) => {
    const parts = partsOf(batch, most);
    const all = parts.reduce((sum, { rows }) => sum + rows, 0);
    const found = draws.map(({ draw, key }) => {
      const drawn = weightsOf(draw);
      const noise = draw.noise();
      const forward = fold(key, 'forward');
      const terms = parts.map(({ part, rows }, i) => {
        const own = i === 0 ? forward : fold(forward, i);
        return valuesAndGrad(
          (w) => ({ fit: mul<Scalar>(target.logLikelihood(w, part, own), rows / all), logPrior: i === 0 ? target.logPrior(w) : scalar(0) }),
          { fit: scalar(1), logPrior: klWeight },
          drawn,
        );
      });
      const halfSquares = mul<Scalar>(total(Object.values(noise).map((epsilon) => sum(square(epsilon)))), 0.5);
      const fit = total(terms.map(({ values }) => values.fit));
      const logPrior = total(terms.map(({ values }) => values.logPrior));
      return {
        noise,
        fit,
        logWeight: add<Scalar>(fit, mul(klWeight, add(logPrior, halfSquares))),
        slope: terms.map(({ grads }) => grads).reduce((one, other) => mapParams((name, g) => add(g, other[name]!), one)),
      };
    });
    const exponents = stack(found.map(({ logWeight }) => mul(logWeight, sign)));
    const shares = unstack(softmax(exponents));
    const perRow = -1 / target.rows;
    const bySlope = (name: string, factor: (k: number) => Tensor | number): Tensor =>
      found.map(({ slope }, k) => mul(mul(slope[name]!, factor(k)), mul(shares[k]!, perRow))).reduce((one, other) => add(one, other));
    const size = Object.values(sd).reduce((n, sigma) => n + sigma.size, 0);
    const entropy = add(total(Object.values(sd).map((sigma) => sum(log(sigma)))), 0.5 * Math.log(2 * Math.PI) * size);
    const bound = add(mul(sub(logSumExp(exponents), Math.log(draws.length)), sign), mul(klWeight, entropy));
    return {
      mean: mapParams((name) => bySlope(name, () => 1), mean),
      sd: mapParams(
        (name, sigma) =>
          sub(
            bySlope(name, (k) => found[k]!.noise[name]!),
            div(div(klWeight, target.rows), sigma),
          ),
        sd,
      ),
      info: {
        nll: mul(total(found.map(({ fit }) => fit)), perRow / draws.length),
        importanceBound: div(bound, target.rows),
        objective: neg(div(bound, target.rows)),
      },
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
