/** @file What the family shares: temperature, switches of layers, and the start from trained weights. */
import { tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { Architecture } from '../../contract/spec';
import { buildModel } from '../nn/model';
import { float32 } from '../numerics/host-tensor';
import { likelihoods } from '../probability/likelihoods';
import { priors } from '../probability/priors';
import { makeTarget } from '../probability/target';
import { bayesByBackprop } from './bayes-by-backprop';
import { map } from './map';
import { mcDropout } from './mc-dropout';
import { conjugate, conjugateBatch, conjugateTarget, exactNoise, seededNoise } from './testing';
import { drawsOf, train } from './train-testing';

const build = (target: ReturnType<typeof makeTarget>, settings: object) => bayesByBackprop.build(target, bayesByBackprop.settings.parse(settings));

/** Regression on two inputs with one hidden layer, whose first layer has the given switches. */
function network(first: object) {
  const layers = [{ kind: 'dense', settings: { units: 2, activation: 'tanh' }, ...first }, { kind: 'output' }];
  const model = buildModel(Architecture.parse({ layers }), [2], 1);
  return makeTarget({
    parameters: model.parameters,
    forward: (params, x, _key, rule) => model.apply(params, x, rule),
    likelihood: likelihoods.gaussian.build({ noise: 'fixed', sd: 0.2 }, { kind: 'regression', outputs: 1 }),
    priors: Object.fromEntries(model.parameters.filter(({ bayesian }) => bayesian).map(({ name }) => [name, priors.gaussian.build({ sd: 0.5 })])),
    rows: 4,
  });
}
const steps = (algorithm: ReturnType<typeof build>, count: number) => train(algorithm, conjugateBatch, count, (step) => seededNoise(1, step));
const leaf = (state: ReturnType<typeof steps>['state'], path: string) => state.find(([name]) => name === path)?.[1].values;

describe('the mean-field family', () => {
  it.each(['softplus', 'log-variance'])('at temperature 4 has four times the variance, by %s', (sigmaForm) => {
    // E[−log p(D, w)] − T H is least at variances T/Λᵢᵢ. Catches a temperature on the whole KL, which would move the mean too.
    const fit = { draws: 4, firstEpochDraws: 4, optimiser: 'momentum', momentum: 0.8, learningRate: 0.02 };
    const algorithm = build(conjugateTarget(), { ...fit, kl: 'closed-form', temperature: 4, sigmaForm });
    const { state } = train(algorithm, conjugateBatch, 250, (step) => exactNoise(1, step));
    leaf(state, 'mean/w')!.forEach((mean, i) => expect(mean).toBeCloseTo(conjugate.mean[i]!, 3));
    const variance = (rho: number) => (sigmaForm === 'softplus' ? (Math.log1p(Math.exp(rho)) + 1e-6) ** 2 : Math.exp(rho));
    leaf(state, 'rho/w')!.forEach((rho, i) => expect(variance(rho) / (conjugate.meanFieldVariance[i]! * 4)).toBeCloseTo(1, 2));
  });

  it('starts with the same σ in both forms', () => {
    const rho = (sigmaForm: string) => leaf(steps(build(conjugateTarget(), { sigmaForm, initialRhoLow: -3, initialRhoHigh: -3 }), 0).state, 'rho/w')![0]!;
    expect(Math.exp(rho('log-variance') / 2)).toBeCloseTo(0.048587, 5);
    expect(rho('softplus')).toBeCloseTo(-3, 4);
  });

  it('leaves a frozen layer where it starts, and moves the others', () => {
    const algorithm = build(network({ trainable: false }), { optimiser: 'momentum', learningRate: 0.1 });
    const [before, after] = [steps(algorithm, 0).state, steps(algorithm, 3).state];
    for (const path of ['mean/dense1.kernel', 'rho/dense1.kernel', 'mean/dense1.bias']) expect(leaf(after, path)).toEqual(leaf(before, path));
    for (const path of ['mean/output.kernel', 'rho/output.kernel']) expect(leaf(after, path)).not.toEqual(leaf(before, path));
    const ordinary = map.build(network({ trainable: false }), map.settings.parse({}));
    const [start, end] = [train(ordinary, conjugateBatch, 0, () => seededNoise(1, 0)), train(ordinary, conjugateBatch, 2, () => seededNoise(1, 0))];
    expect(leaf(end.state, 'params/dense1.kernel')).toEqual(leaf(start.state, 'params/dense1.kernel'));
    expect(leaf(end.state, 'params/output.kernel')).not.toEqual(leaf(start.state, 'params/output.kernel'));
  });

  it('draws a layer that is not sampled at its means, and still trains it', () => {
    const algorithm = build(network({ sample: false }), { optimiser: 'sgd', learningRate: 0.1 });
    const { state } = steps(algorithm, 2);
    const [one, other] = drawsOf(algorithm, state, 2, (s) => seededNoise(5, s));
    expect(one!['dense1.kernel']).toEqual(leaf(state, 'mean/dense1.kernel'));
    expect(one!['output.kernel']).not.toEqual(other!['output.kernel']);
    expect(leaf(state, 'mean/dense1.kernel')).not.toEqual(leaf(steps(algorithm, 0).state, 'mean/dense1.kernel'));
  });

  it('keeps no σ for a deterministic layer, and MC dropout drops nothing before one that is not sampled', () => {
    expect(leaf(steps(build(network({ bayesian: false }), {}), 0).state, 'rho/dense1.kernel')).toBeUndefined();
    const problems = mcDropout.problems!(network({}), mcDropout.settings.parse({ inputRate: 0.2, rate: 0 }));
    expect(problems).toEqual([]);
    const dropout = mcDropout.build(network({ sample: false }), mcDropout.settings.parse({ inputRate: 0.5, rate: 0.5 }));
    const { state } = train(dropout, conjugateBatch, 0, () => seededNoise(1, 0));
    const draws = drawsOf(dropout, state, 8, (s) => seededNoise(2, s));
    expect(new Set(draws.map((draw) => String(draw['dense1.kernel']))).size).toBe(1);
    expect(new Set(draws.map((draw) => String(draw['output.kernel']))).size).toBeGreaterThan(1);
  });

  it('starts a layer where it says itself, and every other where the method says', () => {
    const started = (first: object, settings: object = {}) => steps(build(network(first), settings), 0).state;
    const usual = started({});
    const own = started({ initialisation: 'constant', initialValue: 0.7, initialSd: 0.02 });
    expect(leaf(own, 'mean/dense1.kernel')).toEqual(Array(4).fill(Math.fround(0.7)));
    expect(leaf(own, 'mean/dense1.bias')).toEqual(Array(2).fill(Math.fround(0.7)));
    for (const rho of leaf(own, 'rho/dense1.kernel')!) expect(Math.log1p(Math.exp(rho)) + 1e-6).toBeCloseTo(0.02, 5);
    for (const path of ['mean/output.kernel', 'rho/output.kernel']) expect(leaf(own, path)).toEqual(leaf(usual, path));
    // The scheme of a layer is that of the method, bit for bit.
    expect(leaf(started({ initialisation: 'he' }), 'mean/dense1.kernel')).toEqual(leaf(started({}, { initialisation: 'he' }), 'mean/dense1.kernel'));
    const small = leaf(started({ initialisation: 'uniform', initialValue: 0.01 }), 'mean/dense1.kernel')!;
    leaf(usual, 'mean/dense1.kernel')!.forEach((value, i) => expect(small[i]! / value).toBeCloseTo(0.1, 4)); // the usual range is 0.1
    const point = train(map.build(network({ initialisation: 'constant', initialValue: 0 }), map.settings.parse({})), conjugateBatch, 0, () =>
      seededNoise(1, 0),
    );
    expect(leaf(point.state, 'params/dense1.kernel')).toEqual([0, 0, 0, 0]);
  });

  it('drops at a rate of the layer’s own in MC dropout, in training and in every draw', () => {
    const settings = mcDropout.settings.parse({ rate: 0.5 });
    const dropping = (first: object, own = settings) => mcDropout.build(network(first), own);
    const { state } = train(dropping({}), conjugateBatch, 0, () => seededNoise(1, 0));
    // One dropped input is one row of the kernel; 400 draws of two inputs: standard error of the share √(.2 · .8 / 800) = .014.
    const draws = drawsOf(dropping({ dropRate: 0.2 }), state, 400, (s) => seededNoise(2, s)).map((draw) => draw['dense1.kernel']!);
    const dropped = draws.reduce((sum, kernel) => sum + Number(kernel[0] === 0) + Number(kernel[2] === 0), 0);
    expect(Math.abs(dropped / 800 - 0.2)).toBeLessThan(0.05);
    expect(draws.every((kernel) => (kernel[0] === 0) === (kernel[1] === 0))).toBe(true);
    // A rate of its own is that of the method's setting for inputs, in training too.
    const nll = (algorithm: ReturnType<typeof dropping>) => train(algorithm, conjugateBatch, 1, () => seededNoise(3, 0)).info['nll'];
    expect(nll(dropping({ dropRate: 0.2 }))).toBe(nll(dropping({}, { ...settings, inputRate: 0.2 })));
    expect(nll(dropping({ dropRate: 0.2 }))).not.toBe(nll(dropping({})));
    const off = mcDropout.settings.parse({ rate: 0, inputRate: 0 });
    expect(mcDropout.problems!(network({}), off)).toHaveLength(1);
    expect(mcDropout.problems!(network({ dropRate: 0.2 }), off)).toEqual([]);
  });

  it('refuses a layer that is not sampled under a prior without closed form, by name', () => {
    const target = network({ sample: false });
    const mixture = { ...target, prior: { ...target.prior, 'dense1.kernel': priors['scale-mixture'].build({ share: 0.5, sd1: 1, sd2: 0.1 }) } };
    expect(bayesByBackprop.problems!(mixture, bayesByBackprop.settings.parse({}))).toEqual([expect.stringMatching(/^dense1\.kernel is not sampled.*Laplace/)]);
  });
});

describe('MOPED', () => {
  const start = { 'mean/w': float32([2, 1]), 'rho/w': float32([2, 1]), 'centre/w': float32([2, 1]) };
  const trained = { w: float32([2, 1], Float32Array.of(0.2, -1)) };
  const adopt = (settings: object) => build({ ...conjugateTarget(), pretrained: true }, settings).adopt!(start, trained);

  it('puts means at w and σ at δ |w|', () => {
    // Golden value of the reference implementation: w = .2, δ = .5 → ρ = −2.252168.
    const state = adopt({ moped: 'posterior', mopedDelta: 0.5 });
    expect([...state['mean/w']!.data]).toEqual([...trained.w.data]);
    expect(state['rho/w']!.data[0]).toBeCloseTo(-2.252168, 5);
    expect(state['rho/w']!.data[1]).toBeCloseTo(Math.log(Math.expm1(0.5)), 5);
    expect(Math.exp(adopt({ moped: 'posterior', mopedDelta: 0.5, sigmaForm: 'log-variance' })['rho/w']!.data[0]! / 2)).toBeCloseTo(0.1, 6);
    expect([...adopt({})['rho/w']!.data]).toEqual([0, 0]); // conversion alone leaves σ as it was
  });

  it('moves the prior to w: the divergence at the start is that of the widths alone', () => {
    // KL(N(w, (δw)²) ‖ N(w, 1)) = Σ −log(δ|w|) + (δw)²/2 − ½. Around 0 it would be larger by Σ w²/2 = .52.
    const algorithm = build(
      { ...conjugateTarget(), pretrained: true },
      { moped: 'prior', mopedDelta: 0.5, kl: 'closed-form', optimiser: 'sgd', learningRate: 0.1 },
    );
    const state = adopt({ moped: 'prior', mopedDelta: 0.5 });
    expect([...state['centre/w']!.data]).toEqual([...trained.w.data]);
    const begun = { ...algorithm, init: () => toState(state) };
    const { info } = train(begun as typeof algorithm, conjugateBatch, 1, () => seededNoise(1, 0));
    const expected = [0.1, 0.5].reduce((total, sd) => total - Math.log(sd) + sd ** 2 / 2 - 0.5, 0);
    expect(info['kl']).toBeCloseTo(expected, 4);
  });

  it('asks for trained weights', () => {
    expect(bayesByBackprop.problems!(conjugateTarget(), bayesByBackprop.settings.parse({ moped: 'posterior' }))[0]).toMatch(/finished MAP run/);
  });
});

const toState = (state: { readonly [path: string]: ReturnType<typeof float32> }) => {
  const of = (part: string) => ({ w: tensorOf(state[`${part}/w`]!) });
  return { mean: of('mean'), rho: of('rho'), centre: of('centre'), optimiser: {} };
};
const tensorOf = ({ data, shape }: ReturnType<typeof float32>) => tensor(Float32Array.from(data), [...shape]);
