/** @file In float64: what a traced step follows is the derivative of the objective that it reports. */
import '../backends'; // registers the gradients of TF.js
import { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { Architecture } from '../../contract/spec';
import { evaluate } from '../compiler/evaluate';
import { trace } from '../compiler/trace';
import { sizeOf } from '../numerics/host-tensor';
import type { Step } from '../numerics/step';
import { flattenTree } from '../numerics/tree';
import { buildModel } from '../nn/model';
import { likelihoods } from '../probability/likelihoods';
import type { Likelihood } from '../probability/likelihood';
import type { Prior } from '../probability/prior';
import { priors } from '../probability/priors';
import { makeTarget } from '../probability/target';
import { inferenceMethods, type InferenceMethodId } from './index';
import type { InferenceMethod } from './method';

type Values = { readonly [input: string]: Float64Array };

// Smooth throughout, so that finite differences may be taken anywhere; weights stay off the kink of |w| at 0 by chance of the start.
const network = (second: object = {}) =>
  Architecture.parse({
    layers: [
      { kind: 'dense', settings: { units: 3, activation: 'tanh' } },
      { kind: 'dense', settings: { units: 2, activation: 'sigmoid' }, ...second },
      { kind: 'flatten' },
      { kind: 'output' },
    ],
  });
const convolution = { kind: 'conv1d', settings: { filters: 2, kernelSize: 2, activation: 'tanh' } };
const recurrent = (kind: string) => ({ kind, settings: { units: 1 } });
const wave = (length: number, phase: number) => Float64Array.from({ length }, (_, i) => Math.sin(phase + 1.7 * i));
const classes = likelihoods.categorical.build({}, { kind: 'classification', outputs: 3 });
const real = (noise: 'learnt' | 'per-input') => likelihoods.gaussian.build({ noise, sd: 1 }, { kind: 'regression', outputs: 1 });

const bernoulli = likelihoods.bernoulli.build({}, { kind: 'classification', outputs: 2 });
const studentT = likelihoods['student-t'].build({ degrees: 4, noise: 'learnt', sd: 1 }, { kind: 'regression', outputs: 1 });

const mixture = priors['scale-mixture'].build({ share: 0.6, sd1: 0.5, sd2: 0.05 });

/** Method, settings, likelihood, prior, and what the second layer is instead of a dense one. */
const trials: [InferenceMethodId, string, object, Likelihood, Prior, object?][] = [
  ['map', 'categorical, Gaussian prior', {}, classes, priors.gaussian.build({ sd: 0.3 })],
  ['map', 'learnt noise, scale mixture', {}, real('learnt'), mixture],
  ['bbp', 'categorical, Gaussian prior', { klWeight: 0.6 }, classes, priors.gaussian.build({ sd: 0.3 })],
  ['bbp', 'learnt noise, Laplace prior', {}, real('learnt'), priors.laplace.build({ scale: 0.3 })],
  ['bbp', 'noise per input, scale mixture', {}, real('per-input'), mixture],
  ['bbp', 'learnt noise, closed-form KL', { kl: 'closed-form' }, real('learnt'), priors.gaussian.build({ sd: 0.3 })],
  ['bbp', 'log-variances, temperature ½', { sigmaForm: 'log-variance', temperature: 0.5 }, real('learnt'), priors.laplace.build({ scale: 0.3 })],
  ['bbp', 'a layer that is not sampled', { klWeight: 0.6 }, classes, priors.gaussian.build({ sd: 0.3 }), { sample: false }],
  [
    'flipout',
    'a deterministic layer, the prior around trained weights',
    { moped: 'prior' },
    classes,
    priors.laplace.build({ scale: 0.3 }),
    { bayesian: false },
  ],
  ['sharpened-bbp', 'categorical, two draws', { draws: 2, sharpeningStep: 0.3, sharpenedSd: 0.1 }, classes, priors.gaussian.build({ sd: 0.3 })],
  ['sharpened-bbp', 'learnt noise, scale mixture', { kl: 'monte-carlo', klWeight: 0.6, sharpeningStep: 0.1, sharpenedSd: 0.2 }, real('learnt'), mixture],
  ['local-reparametrisation', 'categorical, closed-form KL', { klWeight: 0.6, draws: 2 }, classes, priors.gaussian.build({ sd: 0.3 })],
  ['local-reparametrisation', 'learnt noise, scale mixture', { kl: 'monte-carlo' }, real('learnt'), mixture],
  [
    'local-reparametrisation',
    'the biases of the reference repository',
    { asReference: true, kl: 'monte-carlo' },
    classes,
    priors.laplace.build({ scale: 0.3 }),
  ],
  ['flipout', 'categorical, closed-form KL', { klWeight: 0.6, draws: 2 }, classes, priors.gaussian.build({ sd: 0.3 })],
  ['flipout', 'learnt noise, scale mixture', { kl: 'monte-carlo' }, real('learnt'), mixture],
  ['radial', 'learnt noise, Laplace prior', { klWeight: 0.6 }, real('learnt'), priors.laplace.build({ scale: 0.3 })],
  ['calibrated-bbp', 'accuracy versus uncertainty', { loss: 'auavu', draws: 2, lossWeight: 2 }, classes, priors.gaussian.build({ sd: 0.3 })],
  ['calibrated-bbp', 'error against sd', { loss: 'eau', klWeight: 0.6 }, real('per-input'), priors.gaussian.build({ sd: 0.3 })],
  ['importance-weighted', 'learnt noise, Laplace prior', { klWeight: 0.6, draws: 3 }, real('learnt'), priors.laplace.build({ scale: 0.3 })],
  ['importance-weighted', 'the sign of the reference repository', { asReference: true, draws: 2 }, classes, mixture],
  ['variational-dropout', 'learnt noise, in activations', { klWeight: 0.6, draws: 2, sigmaForm: 'log-variance' }, real('learnt'), mixture],
  ['concrete-dropout', 'categorical, Gaussian prior', {}, classes, priors.gaussian.build({ sd: 0.3 })],
  ['mc-dropout', 'categorical, Gaussian prior', { rate: 0.3, inputRate: 0.2 }, classes, priors.gaussian.build({ sd: 0.3 })],
  ['mc-dropout', 'Bernoulli, a GRU', { rate: 0.3 }, bernoulli, priors.gaussian.build({ sd: 0.3 }), recurrent('gru')],
  ['bbp', 'Student t noise, learnt precision', {}, studentT, priors['gamma-precision'].build({ shape: 2, rate: 0.3 })],
  ['bbp', 'learnt noise, regularised horseshoe', {}, real('learnt'), priors['regularised-horseshoe'].build({ global: 0.5, slab: 1 })],
  ['radial', 'Student t prior, an LSTM', {}, classes, priors['student-t'].build({ degrees: 3, scale: 0.4 }), recurrent('lstm')],
  ['flipout', 'an LSTM', {}, classes, priors.gaussian.build({ sd: 0.3 }), recurrent('lstm')],
  ['flipout', 'a convolution', {}, classes, priors.gaussian.build({ sd: 0.3 }), convolution],
  ['local-reparametrisation', 'an LSTM, as an approximation', { factorised: true }, classes, priors.gaussian.build({ sd: 0.3 }), recurrent('lstm')],
  ['local-reparametrisation', 'a convolution, as an approximation', { factorised: true }, classes, priors.gaussian.build({ sd: 0.3 }), convolution],
  ['variational-dropout', 'a convolution, in weights', { sigmaForm: 'log-variance' }, classes, priors.flat.build({}), convolution],
  ['concrete-dropout', 'a convolution', {}, classes, priors.gaussian.build({ sd: 0.3 }), convolution],
  ['sharpened-bbp', 'a GRU', { sharpeningStep: 0.3, sharpenedSd: 0.1 }, classes, priors.gaussian.build({ sd: 0.3 }), recurrent('gru')],
];

describe.each(trials)('%s with %s', (id, _name, settings, likelihood, prior, second) => {
  it('steps along the gradient of its objective', () => {
    const model = buildModel(network(second), [3], likelihood.outputs);
    const target = makeTarget({
      parameters: model.parameters,
      forward: (params, x, _key, rule) => model.apply(params, x, rule),
      likelihood,
      priors: Object.fromEntries(model.parameters.map(({ name }) => [name, prior])),
      rows: 40,
    });
    const method: InferenceMethod = inferenceMethods[id];
    // With plain SGD at rate 1 the gradient is the state before minus the state after.
    const algorithm = method.build(target, method.settings.parse({ optimiser: 'sgd', learningRate: 1, ...settings }));
    const { step, hyper } = algorithm.schedule({ step: 9, epoch: 1, stepInEpoch: 1, stepsPerEpoch: 8, epochs: 2 });

    const init: Step = (_state, _batch, key) => ({ info: Object.fromEntries(flattenTree<Tensor>(algorithm.init(key), (value) => value instanceof Tensor)) });
    const start = trace(init, { state: {} });
    const specs = Object.fromEntries(Object.entries(start.info).map(([path, { shape }]) => [path, { dtype: 'float32' as const, shape }]));
    const rows = 4;
    const categorical = likelihood.task === 'classification';
    const batch = {
      x: { dtype: 'float32' as const, shape: [rows, 3] },
      y: categorical ? { dtype: 'int32' as const, shape: [rows] } : { dtype: 'float32' as const, shape: [rows, 1] },
    };
    const traced = trace(algorithm.steps[step]!, { state: specs, batch, hyper: Object.keys(hyper) });

    const fixed: Values = {
      'batch:x': wave(12, 0),
      'batch:y': categorical ? Float64Array.of(0, 2, 1, 1) : wave(4, 3),
      ...Object.fromEntries(Object.entries(hyper).map(([name, value]) => [`hyper:${name}`, Float64Array.of(value)])),
      ...Object.fromEntries(
        traced.noise.map(({ name, kind, shape }, i) => [name, wave(sizeOf(shape), i).map((value) => (kind === 'uniform' ? 0.5 + 0.5 * value : value))]),
      ),
    };
    const state: Values = Object.fromEntries(
      Object.entries(specs).map(([path, { shape }], i) => [
        `state:${path}`,
        wave(sizeOf(shape), i).map((value) => (path.startsWith('rho') ? -2 + value : 0.4 * value + 0.03)),
      ]),
    );
    const objective = (at: Values) => evaluate([traced.info['objective']!], { ...fixed, ...at })[0]![0]!;

    let compared = 0;
    for (const [path, node] of Object.entries(traced.state)) {
      if (path.startsWith('centre')) continue; // data, not trained
      const before = state[`state:${path}`]!;
      const after = evaluate([node], { ...fixed, ...state })[0]!;
      before.forEach((value, i) => {
        const h = 1e-5;
        const moved = (delta: number): Values => ({ ...state, [`state:${path}`]: before.with(i, value + delta) });
        const slope = (objective(moved(h)) - objective(moved(-h))) / (2 * h);
        // Central differences err by h² times the third derivative and by rounding over h, together about 1e-9 here.
        expect(Math.abs(before[i]! - after[i]! - slope), `${path}[${i}]: ${before[i]! - after[i]!} and ${slope}`).toBeLessThan(1e-6 * (1 + Math.abs(slope)));
        compared++;
      });
    }
    const trained = Object.entries(specs).filter(([path]) => !path.startsWith('centre'));
    expect(compared).toBe(trained.reduce((total, [, { shape }]) => total + sizeOf(shape), 0));
  });
});
