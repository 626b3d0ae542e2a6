/** @file The most probable weights: training as everyone knows it. */
import { add, neg, mul, scalar, zerosLike } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { valuesAndGrad } from '../numerics/autodiff';
import { fold } from '../numerics/random';
import type { State } from '../numerics/step';
import { mapParams, type Params } from '../numerics/tree';
import { initialise, Initialisation } from './initialisation';
import { defineMethod } from './method';
import { makeOptimiser, optimiserSettings } from './optimisers';

export interface MapState {
  readonly [part: string]: State;
  readonly params: Params;
  readonly optimiser: State;
}

/** argmin_w −(1/N) [log p(D | w) + log p(w)]. */
export const map = defineMethod({
  id: 'map',
  title: 'MAP',
  reference: 'Maximum a posteriori; with a Gaussian prior, L2 regularisation of precision 1/sd²',
  help: 'Finds the single most probable weights: ordinary training, where the prior acts as weight decay. Fast, and the baseline for everything else; it knows no uncertainty about the weights.',
  settings: z.strictObject({
    ...optimiserSettings,
    initialisation: Initialisation.exclude(['uniform'])
      .default('fan-in')
      .meta({ title: 'Initialisation', description: 'fan-in: uniform ±1/√fan-in, as PyTorch does. he: normal with variance 2/fan-in.', advanced: true }),
  }),
  converges: 'mode',
  randomDraws: false,
  switches: ['sample', 'trainable'],
  metrics: [
    { id: 'nll', title: 'Negative log-likelihood', unit: 'nats per row' },
    { id: 'logPrior', title: 'Log prior', unit: 'nats' },
    { id: 'objective', title: 'Objective', unit: 'nats per row' },
  ],
  build(target, settings) {
    const optimiser = makeOptimiser(settings);
    const frozen = new Set(target.parameters.filter(({ trainable }) => trainable === false).map(({ name }) => name));
    return {
      init(key): MapState {
        const params = Object.fromEntries(target.parameters.map((spec) => [spec.name, initialise(spec, settings.initialisation, 0, key)]));
        return { params, optimiser: optimiser.init(params) };
      },
      steps: {
        main(state, batch, key, hyper) {
          const weight = scalar(-1 / target.rows);
          const { values, grads } = valuesAndGrad(
            (params) => ({ logLikelihood: target.logLikelihood(params, batch, fold(key, 'forward')), logPrior: target.logPrior(params) }),
            { logLikelihood: weight, logPrior: weight },
            state.params,
          );
          const gradient = mapParams((name, g) => (frozen.has(name) ? zerosLike(g) : g), grads);
          const next = optimiser.update(state.optimiser, state.params, gradient, hyper);
          const info = {
            nll: mul(values.logLikelihood, -1 / target.rows),
            logPrior: values.logPrior,
            objective: mul(neg(add(values.logLikelihood, values.logPrior)), 1 / target.rows),
          };
          return { state: { params: next.parameters, optimiser: next.state }, info };
        },
      },
      schedule: (time) => ({ step: 'main', hyper: optimiser.hyper(time) }),
      draw: ({ params }) => params,
      adopt: (state, weights) => ({ ...state, ...Object.fromEntries(Object.entries(weights).map(([name, w]) => [`params/${name}`, w])) }),
    };
  },
});
