/** @file Mean-field variational inference with reparametrised weight draws. */
import { add, div, log, mul, neg, scalar, sigmoid, softplus, sum, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { valuesAndGrad } from '../numerics/autodiff';
import { fold, normal, uniform, type Key } from '../numerics/random';
import { sizeOf } from '../numerics/host-tensor';
import type { Batch, State, Step } from '../numerics/step';
import { mapParams, mapTree, type Params } from '../numerics/tree';
import { initialise, Initialisation } from './initialisation';
import { KlSchedule, klScale } from './kl-schedule';
import { defineMethod } from './method';
import { makeOptimiser, optimiserSettings } from './optimisers';

/** q(w) = Π N(w; mean, σ²), σ = softplus(rho) + 10⁻⁶. A parameter without a rho is a point estimate: its mean. */
type Variational = { readonly mean: Params; readonly rho: Params };
type BbpState = Variational & { readonly [part: string]: State; readonly optimiser: State };

const settings = z.strictObject({
  draws: z
    .int()
    .min(1)
    .max(100)
    .default(3)
    .meta({ title: 'Weight draws per step', description: 'S: draws averaged in each gradient. More draws mean less noise and proportionally more time.' }),
  firstEpochDraws: z
    .int()
    .min(1)
    .max(100)
    .default(10)
    .meta({ title: 'Draws in the first epoch', description: 'The reference uses 10 while the weights are still far off.', advanced: true }),
  kl: z.enum(['monte-carlo', 'closed-form']).default('monte-carlo').meta({
    title: 'KL',
    description: 'monte-carlo: from the same draws, for every prior. closed-form: exact, less noise and faster; for Gaussian and Laplace priors.',
  }),
  klWeight: z
    .number()
    .min(0)
    .max(100)
    .default(1)
    .meta({ title: 'KL weight', description: 'β: 1 is the evidence lower bound; below 1 the posterior is colder.' }),
  klSchedule: KlSchedule.default('constant').meta({
    title: 'KL schedule',
    description: 'constant: equal in every step. blundell: mostly in the first steps of each epoch. linear: from zero, over the first epochs.',
  }),
  annealEpochs: z
    .int()
    .min(1)
    .max(10_000)
    .default(10)
    .meta({ title: 'Annealing', unit: 'epochs', description: 'Epochs until the KL has its full weight.', when: { klSchedule: ['linear'] } }),
  ...optimiserSettings,
  initialisation: Initialisation.default('uniform').meta({
    title: 'Initial means',
    description: 'uniform: within ± the range below, as the reference. fan-in: uniform ±1/√fan-in. he: normal with variance 2/fan-in.',
    advanced: true,
  }),
  initialRange: z
    .number()
    .min(0)
    .max(10)
    .default(0.1)
    .meta({ title: 'Range of initial means', description: 'Means start uniform in ± this.', advanced: true, when: { initialisation: ['uniform'] } }),
  initialRhoLow: z.number().min(-20).max(10).default(-3).meta({ title: 'Initial ρ, lowest', description: 'σ = log(1 + e^ρ): −3 gives 0.049.', advanced: true }),
  initialRhoHigh: z
    .number()
    .min(-20)
    .max(10)
    .default(-2)
    .meta({ title: 'Initial ρ, highest', description: 'σ = log(1 + e^ρ): −2 gives 0.127.', advanced: true }),
});

const deviation = (rho: Tensor): Tensor => add(softplus(rho), 1e-6);

/** Σ over all entries of all parameters. */
const total = (params: Params): Scalar => Object.values(params).reduce<Scalar>((sofar, tensor) => add(sofar, sum(tensor)), scalar(0));

/**
 * Bayes by Backprop: minimises F/N = −(1/N) E_q (N/n) Σ log p(y | x, w) + (βκ/N) KL(q ‖ p) over mean and rho.
 *
 * The tuned step differentiates by the drawn weights only: with g = ∂/∂w of a draw, ∂/∂mean = g and ∂/∂σ = g ε, averaged over the draws.
 * The entropy of q enters exactly, not through its draws: log q(w) = −Σ log σ − ½ Σ ε² + c along a reparametrised draw, so its gradient
 * is that of −Σ log σ, and the ε² would add noise to the value alone. Last, ∂σ/∂rho = sigmoid(rho).
 */
export const bayesByBackprop = defineMethod({
  id: 'bbp',
  title: 'Bayes by Backprop',
  reference: 'Blundell et al. (2015), Weight Uncertainty in Neural Networks, sec. 3.2',
  help: 'Learns a mean and a standard deviation for every weight by maximising the evidence lower bound with random weight draws. Twice the parameters of an ordinary network, and uncertainty in every prediction.',
  settings,
  converges: 'mean-field',
  randomDraws: true,
  metrics: [
    { id: 'nll', title: 'Expected negative log-likelihood', unit: 'nats per row' },
    { id: 'kl', title: 'KL divergence to the prior', unit: 'nats' },
    { id: 'elbo', title: 'Evidence lower bound', unit: 'nats per row' },
    { id: 'objective', title: 'Objective', unit: 'nats per row' },
  ],
  problems(target, { kl, initialRhoLow, initialRhoHigh }) {
    const priors = Object.values(target.prior);
    return [
      ...(target.parameters.some((parameter) => parameter.bayesian)
        ? []
        : ['Bayes by Backprop needs a layer with Bayesian weights; choose MAP for point estimates.']),
      ...(priors.some((prior) => prior.improper)
        ? ['Bayes by Backprop cannot use a flat prior, to which no KL divergence exists; choose a Gaussian prior with a large standard deviation.']
        : []),
      ...(kl === 'closed-form' && priors.some((prior) => !prior.improper && !prior.klFromGaussian)
        ? ['This prior has no closed-form KL divergence; set the KL to monte-carlo, or choose a Gaussian or Laplace prior.']
        : []),
      ...(initialRhoLow > initialRhoHigh ? [`The lowest initial ρ (${initialRhoLow}) is above the highest (${initialRhoHigh}); exchange them.`] : []),
    ];
  },
  build(target, settings) {
    const optimiser = makeOptimiser(settings);
    const bayesian = target.parameters.filter((parameter) => parameter.bayesian);
    const entropyConstant = 0.5 * Math.log(2 * Math.PI * Math.E) * bayesian.reduce((count, { shape }) => count + sizeOf(shape), 0);
    const monteCarlo = settings.kl === 'monte-carlo';
    const longFirstEpoch = settings.firstEpochDraws !== settings.draws;

    /** Mean over the draws of log-likelihood and log prior, and of the gradient of −(1/N) (log-likelihood + klWeight · log prior) by mean and σ. */
    const expectation = (mean: Params, sd: Params, draws: number, batch: Batch, key: Key, klWeight: Scalar) =>
      Array.from({ length: draws }, (_, draw) => {
        const own = fold(key, draw);
        const noise = mapParams((name, sigma) => normal(fold(own, name), sigma.shape), sd);
        const weights = { ...mean, ...mapParams((name, sigma, epsilon) => add(mean[name]!, mul(sigma, epsilon)), sd, noise) };
        const share = scalar(-1 / (target.rows * draws));
        const { values, grads } = valuesAndGrad(
          (params) => ({
            logLikelihood: target.logLikelihood(params, batch, fold(own, 'forward')),
            logPrior: monteCarlo ? target.logPrior(params) : scalar(0),
          }),
          { logLikelihood: share, logPrior: mul(share, klWeight) },
          weights,
        );
        return {
          logLikelihood: div(values.logLikelihood, draws),
          logPrior: div(values.logPrior, draws),
          mean: grads,
          sd: mapParams((name, epsilon) => mul(grads[name]!, epsilon), noise),
        };
      }).reduce((one, other) => mapTree(add, one, other));

    /** KL(q ‖ p), and the gradient of share · KL by mean and σ, where the draws have not given it. */
    const divergence = (mean: Params, sd: Params, expectedLogPrior: Tensor, share: Scalar): { kl: Tensor; mean: Params; sd: Params } => {
      if (monteCarlo) {
        const entropy = add(total(mapParams((_name, sigma) => log(sigma), sd)), entropyConstant);
        return { kl: neg(add(entropy, expectedLogPrior)), mean: {}, sd: mapParams((_name, sigma) => div(neg(share), sigma), sd) };
      }
      const terms = mapParams(
        (name, sigma) =>
          valuesAndGrad((q) => ({ kl: target.prior[name]!.klFromGaussian!(q['mean']!, q['sd']!) }), { kl: share }, { mean: mean[name]!, sd: sigma }),
        sd,
      );
      const pick = (part: (term: (typeof terms)[string]) => Tensor): Params =>
        Object.fromEntries(Object.entries(terms).map(([name, term]) => [name, part(term)]));
      return { kl: total(pick((term) => term.values.kl)), mean: pick((term) => term.grads['mean']!), sd: pick((term) => term.grads['sd']!) };
    };

    const step =
      (draws: number): Step<BbpState> =>
      ({ mean, rho, optimiser: memory }, batch, key, hyper) => {
        const klWeight = hyper['klWeight']!;
        const sd = mapParams((_name, value) => deviation(value), rho);
        const expected = expectation(mean, sd, draws, batch, key, klWeight);
        const { kl, ...added } = divergence(mean, sd, expected.logPrior, div(klWeight, target.rows));
        const gradients: Variational = {
          mean: mapParams((name, g) => (added.mean[name] ? add(g, added.mean[name]) : g), expected.mean),
          rho: mapParams((name, g, value) => mul(add(g, added.sd[name]!), sigmoid(value)), expected.sd, rho),
        };
        const next = optimiser.update(memory, { mean, rho }, gradients, hyper);
        const nll = div(expected.logLikelihood, -target.rows);
        const klPerRow = div(kl, target.rows);
        return {
          state: { ...next.parameters, optimiser: next.state },
          info: { nll, kl, elbo: neg(add(nll, klPerRow)), objective: add(nll, mul(klWeight, klPerRow)) },
        };
      };

    return {
      init(key): BbpState {
        const { initialisation, initialRange, initialRhoLow, initialRhoHigh } = settings;
        const variational: Variational = {
          mean: Object.fromEntries(target.parameters.map((spec) => [spec.name, initialise(spec, initialisation, initialRange, fold(key, 'mean'))])),
          rho: Object.fromEntries(bayesian.map(({ name, shape }) => [name, uniform(fold(fold(key, 'rho'), name), shape, initialRhoLow, initialRhoHigh)])),
        };
        return { ...variational, optimiser: optimiser.init(variational) };
      },
      steps: { main: step(settings.draws), ...(longFirstEpoch && { first: step(settings.firstEpochDraws) }) },
      schedule: (time) => ({
        step: time.epoch === 0 && longFirstEpoch ? 'first' : 'main',
        hyper: { ...optimiser.hyper(time.step), klWeight: settings.klWeight * klScale(settings.klSchedule, time, settings.annealEpochs) },
      }),
      draw: ({ mean, rho }, key) => ({
        ...mean,
        ...mapParams((name, value) => add(mean[name]!, mul(deviation(value), normal(fold(key, name), value.shape))), rho),
      }),
    };
  },
});
