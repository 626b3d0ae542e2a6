/** @file Methods that learn how much noise a weight or unit bears: concrete dropout and variational Gaussian dropout. */
import { scalar, tensor, tensor1d } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { priors } from '../probability/priors';
import { concreteDropout } from './concrete-dropout';
import { conjugateBatch, conjugateTarget, read, seededNoise } from './testing';
import { drawsOf, train } from './train-testing';
import { logUniformKl, variationalDropout } from './variational-dropout';

describe('concrete dropout', () => {
  const algorithm = concreteDropout.build(conjugateTarget(), concreteDropout.settings.parse({ initialRate: 0.25, optimiser: 'sgd', learningRate: 1e-3 }));

  it('weighs the weights that remain against the entropy of the masks', () => {
    // Σ w²/(2 (1 − p)) + log 2π − 2 H(p) with w = (.3, −.6), p = ¼: .45/1.5 + 1.837877 − 2 · .562335. Catches (1 − p) for 1/(1 − p), and K.
    const kl = read(() => {
      const state = { params: { w: tensor([0.3, -0.6], [2, 1]) }, logits: { w: scalar(Math.log(1 / 3)) }, optimiser: {} };
      const { info } = algorithm.steps['main']!(state, conjugateBatch(), { source: seededNoise(1, 0), address: 0 }, { learningRate: scalar(0) });
      return info['kl']!.dataSync()[0]!;
    });
    expect(kl).toBeCloseTo(0.45 / 1.5 + Math.log(2 * Math.PI) - 2 * (0.25 * Math.log(4) + 0.75 * Math.log(4 / 3)), 5);
  });

  it('starts at its rate, drops by it in its draws, and learns: inputs that matter are kept', () => {
    const { state, info } = train(algorithm, conjugateBatch, 1, (step) => seededNoise(1, step));
    expect(info['rate']).toBeCloseTo(0.25, 2);
    const draws = drawsOf(algorithm, state, 400, (s) => seededNoise(2, s)).flatMap(({ w }) => w!);
    const dropped = draws.filter((value) => value === 0).length / draws.length;
    expect(Math.abs(dropped - 0.25)).toBeLessThan(3.5 * Math.sqrt((0.25 * 0.75) / draws.length));
    const learnt = concreteDropout.build(conjugateTarget(), concreteDropout.settings.parse({ initialRate: 0.25, learningRate: 0.1 }));
    expect(train(learnt, conjugateBatch, 40, (step) => seededNoise(1, step)).info['rate']).toBeLessThan(0.15);
  });

  it('needs a Gaussian prior, and something to drop', () => {
    const problems = (target: ReturnType<typeof conjugateTarget>, settings: object) =>
      concreteDropout.problems!(target, concreteDropout.settings.parse(settings));
    expect(problems(conjugateTarget(), {})).toEqual([]);
    expect(problems({ ...conjugateTarget(), prior: { w: priors.laplace.build({ scale: 1 }) } }, {})).toEqual([expect.stringMatching(/Gaussian prior of w/)]);
    expect(problems(conjugateTarget(), { inputs: false })).toEqual([expect.stringMatching(/nothing to drop/)]);
  });
});

describe('variational Gaussian dropout', () => {
  /** E log |1 + √α ε| − ½ log α: the divergence up to a constant, by quadrature over ε. */
  function exact(logAlpha: number): number {
    const root = Math.exp(logAlpha / 2);
    let expectation = 0;
    const step = 1e-4;
    for (let e = -8 + step / 2; e < 8; e += step) expectation += step * Math.log(Math.abs(1 + root * e)) * Math.exp(-0.5 * e * e - 0.5 * Math.log(2 * Math.PI));
    return expectation - logAlpha / 2;
  }
  const approximate = (logAlpha: number, weight: number) =>
    read(() => logUniformKl(tensor1d([weight]), tensor1d([Math.abs(weight) * Math.exp(logAlpha / 2)])).dataSync()[0]!);

  it('has the divergence of its distribution to the log-uniform prior, up to a constant', () => {
    // The published approximation errs by less than .01. Catches a lost ½, a sign, and σ for σ².
    const constant = approximate(0, 1) - exact(0);
    for (const logAlpha of [-6, -3, -1, 1, 3, 5]) expect(Math.abs(approximate(logAlpha, 1) - exact(logAlpha) - constant)).toBeLessThan(0.015);
    expect(approximate(1, 0.02)).toBeCloseTo(approximate(1, -3), 2); // α alone counts
    expect(approximate(12, 1)).toBeCloseTo(0, 2);
  });

  it('counts the weights that are drowned in noise', () => {
    const algorithm = variationalDropout.build(conjugateTarget(), variationalDropout.settings.parse({ sigmaForm: 'log-variance' }));
    const info = read(() => {
      const state = {
        mean: { w: tensor([0.1, 1], [2, 1]) },
        rho: { w: tensor([0, 0], [2, 1]) },
        optimiser: algorithm.init({ source: seededNoise(1, 0), address: 0 }).optimiser,
      };
      const hyper = Object.fromEntries(
        Object.entries(algorithm.schedule({ step: 0, epoch: 0, stepInEpoch: 0, stepsPerEpoch: 1, epochs: 1 }).hyper).map(([id, value]) => [id, scalar(value)]),
      );
      return algorithm.steps['main']!(state, conjugateBatch(), { source: seededNoise(1, 0), address: 0 }, hyper).info['sparsity']!.dataSync()[0]!;
    });
    expect(info).toBe(0.5); // σ = 1: log α = 4.6 and 0
  });

  it('has no use for a prior, and refuses one around trained weights', () => {
    const flat = { ...conjugateTarget(), prior: { w: priors.flat.build({}) }, pretrained: true };
    expect(variationalDropout.problems!(flat, variationalDropout.settings.parse({}))).toEqual([]);
    expect(variationalDropout.problems!(flat, variationalDropout.settings.parse({ moped: 'prior' }))).toHaveLength(1);
  });
});
