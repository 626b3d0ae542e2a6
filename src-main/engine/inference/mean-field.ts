/** @file The factorised posterior, for every method that fits one: its start, update and draws. */
import { fill, mul, zerosLike, type Tensor } from '@tensorflow/tfjs-core';
import { float32 } from '../numerics/host-tensor';
import { fold, uniform, type Key } from '../numerics/random';
import type { State, Step } from '../numerics/step';
import { mapParams, type Params } from '../numerics/tree';
import type { Objective } from './evidence-bound';
import { initialise } from './initialisation';
import { klScale } from './kl-schedule';
import type { MeanFieldSettings } from './mean-field-settings';
import type { Algorithm, LayerSwitch, Target } from './method';
import { centredOn } from './moped';
import { makeOptimiser } from './optimisers';
import { sigmaForms, type SigmaForm } from './sigma';
import { gaussianNoise, weightsOf, type Noise, type WeightDraw } from './weight-draw';

/** A parameter without a rho is a point estimate: its mean. */
type Variational = { readonly mean: Params; readonly rho: Params };
/** `centre` holds the means of the prior where these are trained weights (MOPED). */
export type MeanFieldState = Variational & { readonly [part: string]: State; readonly optimiser: State };

export interface MeanField {
  readonly objective: Objective;
  readonly draws: number;
  /** As many as in any other epoch unless given. */
  readonly firstEpochDraws?: number;
  /** Standard normals unless given. */
  readonly noise?: Noise;
}

export const meanFieldSwitches: readonly LayerSwitch[] = ['sample', 'trainable', 'initialSd'];

/** What no method of the family can do, each with what can be used instead. */
export function meanFieldProblems(
  title: string,
  target: Target,
  { kl, initialRhoLow, initialRhoHigh, moped }: MeanFieldSettings & { readonly kl: 'monte-carlo' | 'closed-form' },
): readonly string[] {
  const priors = Object.entries(target.prior);
  const flat = priors.find(([, prior]) => prior.improper);
  const withoutKl = priors.find(([, prior]) => !prior.improper && !prior.klFromGaussian);
  const withoutClosedForm = target.parameters.find(({ name, bayesian, sample }) => bayesian && sample === false && !target.prior[name]!.klFromGaussian);
  return [
    ...(target.parameters.some((parameter) => parameter.bayesian) ? [] : [`${title} needs a layer with Bayesian weights; choose MAP for point estimates.`]),
    ...(flat
      ? [`${title} cannot use the flat prior of ${flat[0]}, to which no KL divergence exists; choose a Gaussian prior with a large standard deviation.`]
      : []),
    ...(kl === 'closed-form' && withoutKl
      ? [`The prior of ${withoutKl[0]} has no closed-form KL divergence; set the KL to monte-carlo, or choose a Gaussian or Laplace prior.`]
      : []),
    ...(withoutClosedForm
      ? [
          `${withoutClosedForm.name} is not sampled, so that its prior needs a closed-form KL divergence; choose a Gaussian or Laplace prior, or sample the layer.`,
        ]
      : []),
    ...(initialRhoLow > initialRhoHigh ? [`The lowest initial ρ (${initialRhoLow}) is above the highest (${initialRhoHigh}); exchange them.`] : []),
    ...(moped !== 'off' && !target.pretrained
      ? ['MOPED starts from trained weights: choose a finished MAP run of the same architecture to start from, or set MOPED to off.']
      : []),
  ];
}

/** Follows the gradient of an objective over mean and rho; the last factor of the chain rule is ∂σ/∂ρ. */
export function meanField(
  target: Target,
  settings: MeanFieldSettings,
  { objective, draws: usual, firstEpochDraws = usual, noise = gaussianNoise }: MeanField,
): Algorithm<MeanFieldState> {
  const optimiser = makeOptimiser(settings);
  const sigma: SigmaForm = sigmaForms[settings.sigmaForm];
  const bayesian = target.parameters.filter((parameter) => parameter.bayesian);
  const frozen = new Set(target.parameters.filter(({ trainable }) => trainable === false).map(({ name }) => name));
  const held = new Set(bayesian.filter(({ sample }) => sample === false).map(({ name }) => name));
  const deviations = (rho: Params): Params => mapParams((_name, value) => sigma.deviation(value), rho);
  const noiseOf = (key: Key, sd: Params): Params => mapParams((name, { shape }) => noise.draw(fold(key, name), shape), sd);
  const onlySampled = (params: Params): Params => Object.fromEntries(Object.entries(params).filter(([name]) => !held.has(name)));
  const gradientOf = (name: string, gradient: Tensor): Tensor => (frozen.has(name) ? zerosLike(gradient) : gradient);

  const step =
    (count: number): Step<MeanFieldState> =>
    ({ mean, rho, optimiser: memory, ...rest }, batch, key, hyper) => {
      const sd = deviations(rho);
      const drawnSd = onlySampled(sd);
      const draws = Array.from({ length: count }, (_, i) => {
        const own = fold(key, i);
        let made: Params | undefined;
        const draw: WeightDraw = { mean, sd: drawnSd, noise: () => (made ??= noiseOf(own, drawnSd)) };
        return { draw, key: own };
      });
      const against = rest['centre'] ? centredOn(target, rest['centre'] as Params) : target;
      const { mean: byMean, sd: bySd, info } = objective(against, { mean, sd }, draws, batch, hyper['klWeight']!);
      const gradient: Variational = {
        mean: mapParams((name) => gradientOf(name, byMean[name]!), mean),
        rho: mapParams((name, value) => gradientOf(name, mul(bySd[name]!, sigma.slope(value, sd[name]!))), rho),
      };
      const next = optimiser.update(memory, { mean, rho }, gradient, hyper);
      return { state: { ...rest, ...next.parameters, optimiser: next.state }, info };
    };

  return {
    init(key) {
      const { initialisation, initialRange, initialRhoLow, initialRhoHigh, moped } = settings;
      const [low, high] = [initialRhoLow, initialRhoHigh].map((rho) => sigma.rho(Math.log1p(Math.exp(rho)))) as [number, number];
      const variational: Variational = {
        mean: Object.fromEntries(target.parameters.map((spec) => [spec.name, initialise(spec, initialisation, initialRange, fold(key, 'mean'))])),
        rho: Object.fromEntries(
          bayesian.map(({ name, shape, initialSd }) => [
            name,
            initialSd === undefined ? uniform(fold(fold(key, 'rho'), name), shape, low, high) : fill([...shape], sigma.rho(initialSd)),
          ]),
        ),
      };
      const centre = Object.fromEntries(bayesian.map(({ name }) => [name, zerosLike(variational.mean[name]!)]));
      return { ...variational, optimiser: optimiser.init(variational), ...(moped === 'prior' && { centre }) };
    },
    steps: { main: step(usual), ...(firstEpochDraws !== usual && { first: step(firstEpochDraws) }) },
    schedule: (time) => ({
      step: time.epoch === 0 && firstEpochDraws !== usual ? 'first' : 'main',
      hyper: { ...optimiser.hyper(time), klWeight: settings.klWeight * klScale(settings.klSchedule, time, settings.annealEpochs) },
    }),
    draw({ mean, rho }, key) {
      const sd = onlySampled(deviations(rho));
      return weightsOf({ mean, sd, noise: () => noiseOf(key, sd) });
    },
    inspect(state, steps) {
      const memory = Object.fromEntries(
        Object.entries(state).flatMap(([path, leaf]) => (path.startsWith('optimiser/') ? [[path.slice('optimiser/'.length), leaf]] : [])),
      );
      const statistics = ({ name }: { readonly name: string }) => ({
        mean: state[`mean/${name}`]!.data,
        ...(state[`centre/${name}`] && { centre: state[`centre/${name}`]!.data }),
        sd: Float64Array.from(state[`rho/${name}`]!.data, (rho) => sigma.sd(rho)),
        gradientSignal: steps === undefined ? null : (optimiser.gradientSignal?.(memory, `mean/${name}`, steps) ?? null),
      });
      return Object.fromEntries(bayesian.map((parameter) => [parameter.name, statistics(parameter)]));
    },
    adopt: (state, weights) => ({
      ...state,
      ...Object.fromEntries(
        Object.entries(weights).flatMap(([name, w]) => [
          [`mean/${name}`, w],
          ...(settings.moped !== 'off' && state[`rho/${name}`]
            ? [
                [
                  `rho/${name}`,
                  float32(
                    w.shape,
                    Float32Array.from(w.data, (value) => sigma.rho(settings.mopedDelta * Math.abs(value))),
                  ),
                ],
              ]
            : []),
          ...(state[`centre/${name}`] ? [[`centre/${name}`, w]] : []),
        ]),
      ),
    }),
  };
}
