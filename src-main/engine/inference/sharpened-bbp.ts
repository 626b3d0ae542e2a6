/** @file Bayes by Backprop whose weights move towards each minibatch before they explain it: posterior sharpening. */
import { add, div, exp, grads, mul, scalar, square, sub, sum, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { valuesAndGrad } from '../numerics/autodiff';
import { fold, normal } from '../numerics/random';
import type { Batch } from '../numerics/step';
import { mapParams, type Params } from '../numerics/tree';
import { boundMetrics, evidenceBound, type Estimator, type Objective } from './evidence-bound';
import { divergenceOf } from './kl-divergence';
import { meanField, meanFieldProblems, meanFieldSwitches, type MeanFieldState } from './mean-field';
import { drawsSetting, klSetting, meanFieldSettings } from './mean-field-settings';
import { defineMethod, type Target } from './method';
import { bySd, weightsOf } from './weight-draw';

/** Names log η of a parameter, a point estimate beside the weights. */
const stepOf = (name: string): string => `log step of ${name}`;

/** Rows of the batch. */
const rowsIn = (batch: Batch): number => batch['y']!.shape[0]!;

/** ∇φ −(1/N) log p(y | x, φ) by the named weights, differentiable once more. */
function gradient(target: Target, phi: Params, names: readonly string[], batch: Batch, key: Parameters<Estimator>[3]): Params {
  const nll = (...own: Tensor[]): Scalar =>
    mul(target.logLikelihood({ ...phi, ...Object.fromEntries(names.map((name, i) => [name, own[i]!])) }, batch, key), -1 / target.rows);
  const found = grads(nll)(names.map((name) => phi[name]!));
  return Object.fromEntries(names.map((name, i) => [name, found[i]!]));
}

/**
 * Draws φ ~ q(φ) and θ ~ q(θ | φ, batch) = N(φ − η g, σ₀²), whose prior is N(φ, σ₀²): KL = η² ‖g‖²/(2 σ₀²) for each minibatch. Its value
 * counts as a part of the log-likelihood, and is noted in `found`, nats per row. The gradient goes through g too.
 */
const bySharpening =
  (sd: number, found: Tensor[]): Estimator =>
  (target, draw, batch, key, weights) => {
    const names = Object.keys(draw.sd);
    const noise = mapParams((name, { shape }) => normal(fold(fold(key, 'sharpened'), name), shape), draw.sd);
    const { values, grads } = valuesAndGrad(
      (phi) => {
        const g = gradient(target, phi, names, batch, fold(key, 'sharpening'));
        const shift = mapParams((name, slope) => mul(slope, exp(phi[stepOf(name)]!)), g);
        const theta = { ...phi, ...mapParams((name, by) => add(sub(phi[name]!, by), mul(noise[name]!, sd)), shift) };
        const cost = mul<Scalar>(
          Object.values(shift).reduce<Scalar>((total, by) => add(total, sum(square(by))), scalar(0)),
          target.rows / rowsIn(batch) / (2 * sd * sd),
        );
        const fit = target.logLikelihood(theta, batch, key);
        return { logLikelihood: sub<Scalar>(fit, cost), cost, logPrior: weights.logPrior ? target.logPrior(phi) : scalar(0) };
      },
      { logPrior: scalar(0), ...weights, cost: scalar(0) },
      weightsOf(draw),
    );
    found.push(div(values.cost, target.rows));
    return { logLikelihood: values.logLikelihood, logPrior: values.logPrior, mean: grads, sd: bySd(grads, draw) };
  };

/** The bound with the divergence of the sharpened weights told from the fit. */
const sharpened =
  (sd: number, bound: (estimate: Estimator) => Objective): Objective =>
  (target, q, draws, batch, klWeight) => {
    const found: Tensor[] = [];
    const { info, ...slopes } = bound(bySharpening(sd, found))(target, q, draws, batch, klWeight);
    const sharpening = div(
      found.reduce((total, one) => add(total, one)),
      draws.length,
    );
    return { ...slopes, info: { ...info, nll: sub(info['nll']!, sharpening), sharpening } };
  };

const sharpenedNames = (target: Target): readonly string[] =>
  target.parameters.filter(({ bayesian, sample }) => bayesian && sample !== false).map(({ name }) => name);

/** Maximises the evidence lower bound of a hierarchical posterior: weights φ for all, and θ around them for each minibatch. */
export const sharpenedBbp = defineMethod({
  id: 'sharpened-bbp',
  title: 'BBP with posterior sharpening',
  reference: 'Fortunato, Blundell & Vinyals (2017), Bayesian Recurrent Neural Networks, sec. 4, eqs. 7 to 9',
  help: 'Bayes by Backprop whose drawn weights take a gradient step on the minibatch, and a little noise, before they have to explain it: gradients vary less, for two to three times the time. The step η is learnt, one for each tensor, and paid for by the divergence between the moved weights and those drawn. Predictions have no minibatch to move to; their weights get the noise alone. Unlike BLiTZ, the noise is drawn, the divergence is complete, and the bound is differentiated through the step. For dense and recurrent layers.',
  settings: z.strictObject({
    draws: drawsSetting(1),
    kl: klSetting('closed-form'),
    sharpeningStep: z
      .number()
      .min(1e-6)
      .max(100)
      .default(0.05)
      .meta({ title: 'Initial step η', description: 'Of the gradient of the mean negative log-likelihood of the batch; learnt from here.', scale: 'log' }),
    sharpenedSd: z
      .number()
      .min(1e-4)
      .max(1)
      .default(0.02)
      .meta({ title: 'Sharpened σ₀', description: 'Deviation of the moved weights. The smaller, the dearer a step.', scale: 'log' }),
    ...meanFieldSettings,
  }),
  converges: 'heuristic',
  randomDraws: true,
  switches: meanFieldSwitches,
  metrics: [...boundMetrics, { id: 'sharpening', title: 'KL divergence of the sharpened weights', unit: 'nats per row' }],
  problems: (target, settings) => [
    ...meanFieldProblems('Posterior sharpening', target, settings),
    ...target.parameters
      .filter(({ role, shape }) => role === 'kernel' && shape.length > 2)
      .map(
        ({ name }) =>
          `Posterior sharpening cannot differentiate twice through ${name}, a convolution’s; choose Bayes by Backprop, or dense and recurrent layers.`,
      ),
  ],
  build(target, settings) {
    const { draws, kl, temperature, sharpenedSd: sd, sharpeningStep } = settings;
    const names = sharpenedNames(target);
    const steps = names.map((name) => {
      const { layer } = target.parameters.find((parameter) => parameter.name === name)!;
      return { name: stepOf(name), shape: [], role: 'scale', fanIn: 1, fanOut: 1, start: Math.log(sharpeningStep), bayesian: false, layer } as const;
    });
    const algorithm = meanField({ ...target, parameters: [...target.parameters, ...steps] }, settings, {
      objective: sharpened(sd, (estimate) => evidenceBound({ estimate, divergence: divergenceOf(kl), temperature })),
      draws,
    });
    return {
      ...algorithm,
      draw(state: MeanFieldState, key, index) {
        const drawn = algorithm.draw(state, key, index);
        const noisy = (name: string, w: Tensor) => (names.includes(name) ? add(w, mul(normal(fold(fold(key, 'sharpened'), name), w.shape), sd)) : w);
        return Object.fromEntries(target.parameters.map(({ name }) => [name, noisy(name, drawn[name]!)]));
      },
    };
  },
});
