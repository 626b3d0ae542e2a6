/** @file The factorised posterior, for every method that fits one: its start, objective, update and draws. */
import { add, div, mul, neg, scalar, sigmoid, softplus, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { fold, uniform, type Key } from '../numerics/random';
import type { Batch, State, Step } from '../numerics/step';
import { mapParams, mapTree, type Params } from '../numerics/tree';
import { initialise } from './initialisation';
import { closedForm, monteCarlo } from './kl-divergence';
import { klScale } from './kl-schedule';
import type { MeanFieldSettings } from './mean-field-settings';
import type { Algorithm, MethodMetric, Target } from './method';
import { makeOptimiser } from './optimisers';
import { gaussianNoise, weightsOf, type Moments, type Noise, type WeightDraw } from './weight-draw';

/** σ = softplus(rho) + 10⁻⁶. A parameter without a rho is a point estimate: its mean. */
type Variational = { readonly mean: Params; readonly rho: Params };
export type MeanFieldState = Variational & { readonly [part: string]: State; readonly optimiser: State };

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

export interface MeanField {
  readonly estimate: Estimator;
  readonly kl: 'monte-carlo' | 'closed-form';
  readonly draws: number;
  /** As many as in any other epoch unless given. */
  readonly firstEpochDraws?: number;
  /** Standard normals unless given. */
  readonly noise?: Noise;
}

export const meanFieldMetrics: readonly MethodMetric[] = [
  { id: 'nll', title: 'Expected negative log-likelihood', unit: 'nats per row' },
  { id: 'kl', title: 'KL divergence to the prior', unit: 'nats' },
  { id: 'elbo', title: 'Evidence lower bound', unit: 'nats per row' },
  { id: 'objective', title: 'Objective', unit: 'nats per row' },
];

/** What no method of the family can do, each with what can be used instead. */
export function meanFieldProblems(
  title: string,
  target: Target,
  { kl, initialRhoLow, initialRhoHigh }: MeanFieldSettings & Pick<MeanField, 'kl'>,
): readonly string[] {
  const priors = Object.values(target.prior);
  return [
    ...(target.parameters.some((parameter) => parameter.bayesian) ? [] : [`${title} needs a layer with Bayesian weights; choose MAP for point estimates.`]),
    ...(priors.some((prior) => prior.improper)
      ? [`${title} cannot use a flat prior, to which no KL divergence exists; choose a Gaussian prior with a large standard deviation.`]
      : []),
    ...(kl === 'closed-form' && priors.some((prior) => !prior.improper && !prior.klFromGaussian)
      ? ['This prior has no closed-form KL divergence; set the KL to monte-carlo, or choose a Gaussian or Laplace prior.']
      : []),
    ...(initialRhoLow > initialRhoHigh ? [`The lowest initial ρ (${initialRhoLow}) is above the highest (${initialRhoHigh}); exchange them.`] : []),
  ];
}

const deviation = (rho: Tensor): Tensor => add(softplus(rho), 1e-6);
/** a, plus b where b has something to add. */
const plus = (a: Params, b: Params): Params => mapParams((name, x) => (b[name] ? add(x, b[name]) : x), a);

/** Minimises F/N = −(1/N) E_q (N/n) Σ log p(y | x, w) + (βκ/N) KL(q ‖ p) over mean and rho; the last factor of the chain rule is ∂σ/∂rho = sigmoid(rho). */
export function meanField(
  target: Target,
  settings: MeanFieldSettings,
  { estimate, kl, draws: usual, firstEpochDraws = usual, noise = gaussianNoise }: MeanField,
): Algorithm<MeanFieldState> {
  const optimiser = makeOptimiser(settings);
  const divergence = kl === 'monte-carlo' ? monteCarlo(noise) : closedForm;
  const noiseOf = (key: Key, rho: Params): Params => mapParams((name, { shape }) => noise.draw(fold(key, name), shape), rho);

  const step =
    (count: number): Step<MeanFieldState> =>
    ({ mean, rho, optimiser: memory }, batch, key, hyper) => {
      const sd = mapParams((_name, value) => deviation(value), rho);
      const keys = Array.from({ length: count }, (_, draw) => fold(key, draw));
      const draws = keys.map((own): WeightDraw => {
        let made: Params | undefined;
        return { mean, sd, noise: () => (made ??= noiseOf(own, rho)) };
      });
      const klWeight = hyper['klWeight']!;
      const share = scalar(-1 / (target.rows * count));
      const weights: Weights = { logLikelihood: share, ...(kl === 'monte-carlo' && { logPrior: mul<Scalar>(share, klWeight) }) };
      const fit = draws.map((draw, i) => estimate(target, draw, batch, fold(keys[i]!, 'forward'), weights)).reduce((one, other) => mapTree(add, one, other));
      const regulariser = divergence(target, { mean, sd }, div(fit.logPrior, count), div(klWeight, target.rows));

      const sdGradient = plus(fit.sd, regulariser.sd);
      const gradient: Variational = {
        mean: plus(fit.mean, regulariser.mean),
        rho: mapParams((name, value) => mul(sdGradient[name]!, sigmoid(value)), rho),
      };
      const next = optimiser.update(memory, { mean, rho }, gradient, hyper);
      const nll = mul(fit.logLikelihood, share);
      const klPerRow = div(regulariser.kl, target.rows);
      return {
        state: { ...next.parameters, optimiser: next.state },
        info: { nll, kl: regulariser.kl, elbo: neg(add(nll, klPerRow)), objective: add(nll, mul(klWeight, klPerRow)) },
      };
    };

  return {
    init(key) {
      const { initialisation, initialRange, initialRhoLow, initialRhoHigh } = settings;
      const bayesian = target.parameters.filter((parameter) => parameter.bayesian);
      const variational: Variational = {
        mean: Object.fromEntries(target.parameters.map((spec) => [spec.name, initialise(spec, initialisation, initialRange, fold(key, 'mean'))])),
        rho: Object.fromEntries(bayesian.map(({ name, shape }) => [name, uniform(fold(fold(key, 'rho'), name), shape, initialRhoLow, initialRhoHigh)])),
      };
      return { ...variational, optimiser: optimiser.init(variational) };
    },
    steps: { main: step(usual), ...(firstEpochDraws !== usual && { first: step(firstEpochDraws) }) },
    schedule: (time) => ({
      step: time.epoch === 0 && firstEpochDraws !== usual ? 'first' : 'main',
      hyper: { ...optimiser.hyper(time), klWeight: settings.klWeight * klScale(settings.klSchedule, time, settings.annealEpochs) },
    }),
    draw: ({ mean, rho }, key) => weightsOf({ mean, sd: mapParams((_name, value) => deviation(value), rho), noise: () => noiseOf(key, rho) }),
  };
}
