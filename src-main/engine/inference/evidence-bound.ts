/** @file The evidence lower bound of a factorised posterior and its gradient by mean and σ, whichever way a method estimates it. */
import { add, div, mul, neg, scalar, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { fold, type Key } from '../numerics/random';
import type { Batch } from '../numerics/step';
import { mapParams, mapTree, type Params } from '../numerics/tree';
import { closedForm, entropyOf, type Divergence } from './kl-divergence';
import type { MethodMetric, Target } from './method';
import { gaussianNoise, type Moments, type Noise, type WeightDraw } from './weight-draw';

/** Of the log-likelihood, and of the log prior where that is estimated from the draws too. */
type Weights = { readonly logLikelihood: Scalar; readonly logPrior?: Scalar };

/** From one draw, E_q (N/n) Σ log p(y | x, w) and E_q log p(w) without bias, and the gradient of their weighted sum. In this alone the methods differ. */
export type Estimator = (
  target: Target,
  draw: WeightDraw,
  batch: Batch,
  key: Key,
  weights: Weights,
) => Moments & { readonly logLikelihood: Tensor; readonly logPrior: Tensor };

/** What is minimised per row: its gradient by mean and σ, and the metrics that come with it. σ of a parameter without a draw is not in `draws`. */
export type Objective = (
  target: Target,
  q: Moments,
  draws: readonly { readonly draw: WeightDraw; readonly key: Key }[],
  batch: Batch,
  klWeight: Scalar,
) => Moments & { readonly info: { readonly [metric: string]: Tensor } };

export const boundMetrics: readonly MethodMetric[] = [
  { id: 'nll', title: 'Expected negative log-likelihood', unit: 'nats per row' },
  { id: 'kl', title: 'KL divergence to the prior', unit: 'nats' },
  { id: 'elbo', title: 'Evidence lower bound', unit: 'nats per row' },
  { id: 'objective', title: 'Objective', unit: 'nats per row' },
];

export interface Bound {
  readonly estimate: Estimator;
  readonly divergence: Divergence;
  /** T of E_q[−log p(D, w)] − T H[q]. */
  readonly temperature: number;
  /** Standard normals unless given. */
  readonly noise?: Noise;
}

const pick = (params: Params, names: ReadonlySet<string>): Params => Object.fromEntries(Object.entries(params).filter(([name]) => names.has(name)));
const without = (params: Params, names: ReadonlySet<string>): Params => Object.fromEntries(Object.entries(params).filter(([name]) => !names.has(name)));

const sumOf = (terms: readonly Scalar[]): Scalar => terms.reduce<Scalar>((total, term) => add(total, term), scalar(0));

/** a, and b where a has nothing or something to be added to. */
export const plus = (a: Params, b: Params): Params => ({ ...b, ...mapParams((name, x) => (b[name] ? add(x, b[name]) : x), a) });

/**
 * F/N = −(1/N) E_q (N/n) Σ log p(y | x, w) + (βκ/N) KL(q ‖ p). The weights of a layer that is not sampled stand at their means in the
 * network; their σ is known by the KL alone, which is then closed-form.
 */
export const evidenceBound =
  ({ estimate, divergence, temperature, noise = gaussianNoise }: Bound): Objective =>
  (target, q, draws, batch, klWeight) => {
    const count = draws.length;
    const sampled = new Set(Object.keys(draws[0]!.draw.sd));
    const share = scalar(-1 / (target.rows * count));
    const weights: Weights = { logLikelihood: share, ...(divergence.fromDraws && { logPrior: mul<Scalar>(share, klWeight) }) };
    const held = without(q.sd, sampled);
    const isHeld = Object.keys(held).length > 0;
    const fromDraws: Target = isHeld
      ? { ...target, logPrior: (params) => sumOf([...sampled].map((name) => target.prior[name]!.logDensity(params[name]!))) }
      : target;
    const fit = draws.map(({ draw, key }) => estimate(fromDraws, draw, batch, fold(key, 'forward'), weights)).reduce((one, other) => mapTree(add, one, other));

    const klShare: Scalar = div(klWeight, target.rows);
    const parts = [divergence.of(target, { mean: q.mean, sd: pick(q.sd, sampled) }, div(fit.logPrior, count), klShare)];
    if (isHeld) parts.push(closedForm.of(target, { mean: q.mean, sd: held }, scalar(0), klShare));
    const regulariser = parts.reduce((one, other) => ({ kl: add(one.kl, other.kl), mean: plus(one.mean, other.mean), sd: plus(one.sd, other.sd) }));

    const nll = mul(fit.logLikelihood, share);
    const klPerRow = div(regulariser.kl, target.rows);
    const bound = { nll, kl: regulariser.kl, elbo: neg(add(nll, klPerRow)) };
    const mean = plus(fit.mean, regulariser.mean);
    const sd = plus(fit.sd, regulariser.sd);
    if (temperature === 1) return { mean, sd, info: { ...bound, objective: add(nll, mul(klWeight, klPerRow)) } };
    // −T H = −H + (1 − T) H, and ∂H/∂σ = 1/σ.
    const surplus = mul(klShare, 1 - temperature);
    return {
      mean,
      sd: mapParams((name, g) => add(g, div(surplus, q.sd[name]!)), sd),
      info: { ...bound, objective: add(add(nll, mul(klWeight, klPerRow)), mul(surplus, entropyOf(q.sd, noise))) },
    };
  };
