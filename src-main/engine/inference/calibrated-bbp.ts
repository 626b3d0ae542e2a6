/** @file Bayes by Backprop with a second aim: uncertainty that tells right predictions from wrong ones. */
import { add, div, mul, scalar, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { valuesAndGrad } from '../numerics/autodiff';
import { auavu, avuc, eau, type CalibrationLoss } from './calibration-loss';
import { boundMetrics, evidenceBound, type Estimator, type Objective } from './evidence-bound';
import { divergenceOf } from './kl-divergence';
import { meanField, meanFieldProblems, meanFieldSwitches } from './mean-field';
import { drawsSetting, klSetting, meanFieldSettings } from './mean-field-settings';
import { defineMethod } from './method';
import { bySd, weightsOf } from './weight-draw';

const losses: { readonly [id in 'avuc' | 'auavu' | 'eau']: (threshold: number) => CalibrationLoss } = { avuc, auavu: () => auavu, eau };

/** The estimator by weights with the loss on its tape; each draw's loss is noted in `found`. */
const withLoss =
  (loss: CalibrationLoss, weight: Scalar, found: Tensor[]): Estimator =>
  (target, draw, batch, key, weights) => {
    const { values, grads } = valuesAndGrad(
      (params) => {
        const { logLikelihood, prediction } = target.fit(params, batch, key);
        return { logLikelihood, logPrior: weights.logPrior ? target.logPrior(params) : scalar(0), loss: loss(prediction, batch['y']!) };
      },
      { logPrior: scalar(0), ...weights, loss: weight },
      weightsOf(draw),
    );
    found.push(values.loss);
    return { logLikelihood: values.logLikelihood, logPrior: values.logPrior, mean: grads, sd: bySd(grads, draw) };
  };

/** The objective of the evidence bound + λ · the loss, averaged over the draws. */
const calibrated =
  (loss: CalibrationLoss, lambda: number, bound: (estimate: Estimator) => Objective): Objective =>
  (target, q, draws, batch, klWeight) => {
    const found: Tensor[] = [];
    const { mean, sd, info } = bound(withLoss(loss, scalar(lambda / draws.length), found))(target, q, draws, batch, klWeight);
    const calibration = div(
      found.reduce((total, one) => add(total, one)),
      draws.length,
    );
    return { mean, sd, info: { ...info, calibration, objective: add(info['objective']!, mul(calibration, lambda)) } };
  };

/** argmin F/N + λ · a calibration loss of the batch. */
export const calibratedBbp = defineMethod({
  id: 'calibrated-bbp',
  title: 'BBP with a calibration loss',
  reference: 'Krishnan & Tickoo (2020), Improving Model Calibration with Accuracy Versus Uncertainty Optimization; Pandey et al. (2021) for regression',
  help: 'Bayes by Backprop whose objective also rewards being sure where it is right and unsure where it is wrong. What it minimises is no longer a bound of the evidence; the bound is reported beside it. Start from trained weights (MOPED), or let the loss help late: it teaches nothing while all predictions are wrong.',
  settings: z.strictObject({
    draws: drawsSetting(1),
    kl: klSetting('closed-form'),
    loss: z.enum(['auavu', 'avuc', 'eau']).default('auavu').meta({
      title: 'Calibration loss',
      description: 'auavu: accuracy versus uncertainty over all thresholds. avuc: at one threshold. eau: error against predicted sd, for regression.',
    }),
    lossWeight: z
      .number()
      .min(0)
      .max(100)
      .default(1)
      .meta({ title: 'Weight of the loss', description: 'λ: nats per row that the loss counts; the papers use 1 to 3.' }),
    threshold: z
      .number()
      .min(0.001)
      .max(10)
      .default(0.5)
      .meta({
        title: 'Threshold',
        unit: 'nats, or target units',
        description: 'Above it a prediction counts as uncertain: entropy, or error and sd in standardised units.',
        when: { loss: ['avuc', 'eau'] },
      }),
    ...meanFieldSettings,
  }),
  converges: 'heuristic',
  randomDraws: true,
  switches: meanFieldSwitches,
  metrics: [
    ...boundMetrics.filter(({ id }) => id !== 'objective'),
    { id: 'calibration', title: 'Calibration loss', unit: 'nats' },
    ...boundMetrics.filter(({ id }) => id === 'objective'),
  ],
  problems: (target, settings) => [
    ...meanFieldProblems('BBP with a calibration loss', target, settings),
    ...((settings.loss === 'eau') === (target.task === 'regression')
      ? []
      : [`The loss ${settings.loss} is not for ${target.task}; choose ${target.task === 'regression' ? 'eau' : 'auavu or avuc'}.`]),
  ],
  build: (target, settings) =>
    meanField(target, settings, {
      objective: calibrated(losses[settings.loss](settings.threshold), settings.lossWeight, (estimate) =>
        evidenceBound({ estimate, divergence: divergenceOf(settings.kl), temperature: settings.temperature }),
      ),
      draws: settings.draws,
    }),
});
