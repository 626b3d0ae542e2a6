/** @file Dropout that learns its rates: the masks of training are relaxed, so that their probability has a gradient. */
import {
  add,
  customGrad,
  div,
  exp,
  expandDims,
  mul,
  neg,
  reciprocal,
  scalar,
  sigmoid,
  softplus,
  square,
  sub,
  sum,
  zerosLike,
  type GradSaveFunc,
  type Scalar,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { onceEach, withWeights, type AffineRule } from '../numerics/affine';
import { valuesAndGrad } from '../numerics/autodiff';
import { bernoulli, fold, uniform, type Key } from '../numerics/random';
import type { State } from '../numerics/step';
import { mapParams, type Params } from '../numerics/tree';
import { initialise } from './initialisation';
import { map } from './map';
import { kernelsOf, maskShape } from './mc-dropout';
import { defineMethod, type Target } from './method';
import { makeOptimiser } from './optimisers';

/** `logits` holds logit p of the units that each kernel meets, a scalar by the kernel's name. */
interface ConcreteState {
  readonly [part: string]: State;
  readonly params: Params;
  readonly logits: Params;
  readonly optimiser: State;
}

/** One over the temperature of the relaxation; Gal, Hron & Kendall (2017) use 0.1 throughout. */
const sharpness = 10;
/** Keeps the odds of a uniform number finite. */
const tiny = 1e-6;

/**
 * The share of a unit that is kept, 1 − z with z = s((logit p + logit u)/t), nearly 0 or 1. Gal, Hron & Kendall (2017), eq. 5.
 * As 1/(1 + o¹⁰) of the product of both odds: no logarithm, and one exponential of a scalar.
 */
function relaxedShare(key: Key, logit: Tensor, shape: readonly number[]): Tensor {
  const u = uniform(key, shape);
  const odds = mul(div(add(u, tiny), sub(1 + tiny, u)), exp(logit));
  return reciprocal(add(1, square(mul(square(square(odds)), odds))));
}

/**
 * x m with the relaxed mask m = share/(1 − p). With ∂m/∂logit = m (p − (1 − share)/t) the gradient by the logit is one sum: TF.js would
 * go back through every operation of the mask.
 */
function masked(x: Tensor, logit: Tensor, share: Tensor): Tensor {
  const rate = sigmoid(logit);
  const mask = div(share, sub(1, rate));
  const slope = mul(mask, sub(rate, mul(sub(1, share), sharpness)));
  return customGrad((...inputs) => {
    const [own, , save] = inputs as [Tensor, Tensor, GradSaveFunc];
    save([own, mask, slope]);
    return {
      value: mul(own, mask),
      gradFunc: (dy: Tensor, [x, mask, slope]: Tensor[]) => [mul(dy, mask!), sum(mul(mul(dy, x!), slope!))],
    };
  })(x, logit);
}

const withRelaxedMasks = (params: Params, logits: Params, key: Key): AffineRule => {
  const once = onceEach();
  return (affine, x) => {
    const logit = logits[affine.kernel];
    if (!logit) return withWeights(params)(affine, x);
    const share = once(affine.kernel, () => relaxedShare(fold(key, affine.kernel), logit, maskShape(x)));
    return withWeights(params)(affine, masked(x, logit, share));
  };
};

/**
 * KL of the masked weights to the Gaussian prior up to a constant, in nats: Σ ‖W‖²/(2 s² (1 − p)) − K H(p) over the kernels, K the units that
 * each meets (eq. 3, with M = W/(1 − p) the weights of a unit that stays). Other Bayesian weights have their log prior.
 */
function divergence(target: Target, params: Params, logits: Params): Scalar {
  const bayesian = target.parameters.filter((parameter) => parameter.bayesian);
  return bayesian.reduce<Scalar>((total, { name }) => {
    const [w, logit, prior] = [params[name]!, logits[name], target.prior[name]!];
    if (!logit) return sub(total, prior.logDensity(w));
    const rate = sigmoid(logit);
    const precision = prior.precision!;
    const squares = mul<Scalar>(div(sum(square(w)), sub(1, rate)), precision / 2);
    // H(p) = −p log p − (1 − p) log(1 − p) with log p = −softplus(−logit).
    const entropy = add(mul(rate, softplus(neg(logit))), mul(sub(1, rate), softplus(logit)));
    const constant = (w.size / 2) * Math.log((2 * Math.PI) / precision);
    return add(total, sub<Scalar>(add(squares, constant), mul(entropy, w.shape.at(-2)!)));
  }, scalar(0));
}

/** MAP of weights and rates of a network whose units drop out. A draw is one set of masks for all rows, as for MC dropout. */
export const concreteDropout = defineMethod({
  id: 'concrete-dropout',
  title: 'Concrete dropout',
  reference: 'Gal, Hron & Kendall (2017), Concrete Dropout, eqs. 3 and 5',
  help: 'MC dropout that learns the rate of every layer with the weights: more data or wider layers need less dropout, and no grid of rates is to be searched. The Gaussian prior acts as weight decay.',
  settings: z.strictObject({
    initialRate: z.number().min(0.001).max(0.9).default(0.1).meta({ title: 'Initial rate', description: 'Dropout rate that every layer starts with.' }),
    inputs: z
      .boolean()
      .default(true)
      .meta({ title: 'Drop inputs', description: 'The first layer drops inputs at a rate of its own, as in the paper; off, it sees them all.' }),
    ...map.settings.shape,
  }),
  converges: 'heuristic',
  randomDraws: true,
  switches: ['sample', 'trainable'],
  metrics: [
    { id: 'nll', title: 'Expected negative log-likelihood', unit: 'nats per row' },
    { id: 'kl', title: 'KL divergence up to a constant (not comparable with evidence)', unit: 'nats' },
    { id: 'rate', title: 'Mean dropout rate', unit: '' },
    { id: 'objective', title: 'Objective', unit: 'nats per row' },
  ],
  problems: (target, { inputs }) => [
    ...(droppedKernels(target, inputs).length > 0 ? [] : ['Concrete dropout has nothing to drop; drop the inputs, add a hidden layer, or choose MAP.']),
    ...kernelsOf(target)
      .filter(({ name, bayesian }) => bayesian && target.prior[name]!.precision === undefined)
      .slice(0, 1)
      .map(({ name }) => `Concrete dropout needs a Gaussian prior of ${name}, whose scale weighs the weights against the rates; choose one, or MC dropout.`),
    ...kernelsOf(target)
      .filter(({ affine }) => !affine)
      .map(({ name }) => `Concrete dropout cannot drop units before ${name}, whose layer is not affine in it; choose Bayes by Backprop.`),
  ],
  build(target, settings) {
    const optimiser = makeOptimiser(settings);
    const dropped = droppedKernels(target, settings.inputs);
    const frozen = new Set(target.parameters.filter(({ trainable }) => trainable === false).map(({ name }) => name));
    const logit = Math.log(settings.initialRate / (1 - settings.initialRate));
    const logitName = (name: string) => `logit of ${name}`;
    return {
      init(key): ConcreteState {
        const params = Object.fromEntries(target.parameters.map((spec) => [spec.name, initialise(spec, settings.initialisation, 0, key)]));
        const logits = Object.fromEntries(dropped.map((name) => [name, scalar(logit)]));
        return { params, logits, optimiser: optimiser.init({ params, logits }) };
      },
      steps: {
        main({ params, logits, optimiser: memory }, batch, key, hyper) {
          const share = scalar(1 / target.rows);
          const { values, grads } = valuesAndGrad(
            (leaves) => {
              const own = mapParams((name) => leaves[name]!, params);
              const rates = mapParams((name) => leaves[logitName(name)]!, logits);
              return {
                energy: neg(target.logLikelihood(own, batch, fold(key, 'forward'), withRelaxedMasks(own, rates, key))) as Scalar,
                kl: divergence(target, own, rates),
              };
            },
            { energy: share, kl: share },
            { ...params, ...Object.fromEntries(Object.entries(logits).map(([name, value]) => [logitName(name), value])) },
          );
          const gradient = {
            params: mapParams((name) => (frozen.has(name) ? zerosLike(grads[name]!) : grads[name]!), params),
            logits: mapParams((name) => grads[logitName(name)]!, logits),
          };
          const next = optimiser.update(memory, { params, logits }, gradient, hyper);
          const rates = Object.values(logits).map((value) => sigmoid(value));
          const info = {
            nll: mul(values.energy, share),
            kl: values.kl,
            rate: div(
              rates.reduce((one, other) => add(one, other)),
              rates.length,
            ),
            objective: mul(add(values.energy, values.kl), share),
          };
          return { state: { ...next.parameters, optimiser: next.state }, info };
        },
      },
      schedule: (time) => ({ step: 'main', hyper: optimiser.hyper(time) }),
      draw: ({ params, logits }: ConcreteState, key) =>
        mapParams((name, value) => {
          if (!logits[name]) return value;
          const kept = sub(1, sigmoid(logits[name]));
          return mul(value, expandDims(div(bernoulli(fold(key, name), kept, value.shape.slice(-2, -1)), kept), 1));
        }, params),
      adopt: (state, weights) => ({ ...state, ...Object.fromEntries(Object.entries(weights).map(([name, w]) => [`params/${name}`, w])) }),
    };
  },
});

/** Kernels whose inputs may be dropped: the first one meets the data. */
const droppedKernels = (target: Target, inputs: boolean): string[] =>
  kernelsOf(target)
    .filter(({ sample }, i) => sample !== false && (inputs || i > 0))
    .map(({ name }) => name);
