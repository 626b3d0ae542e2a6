/** @file Bayes by Backprop against textbook autodiff, against the exact evidence of a conjugate model, and in its settings. */
import { add, div, grads, log, matMul, mul, neg, scalar, softplus, square, sub, sum, tensor, tensor2d, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { fold, normal, type NoiseSource } from '../numerics/random';
import type { Params } from '../numerics/tree';
import { likelihoods } from '../probability/likelihoods';
import type { Prior } from '../probability/prior';
import { priors } from '../probability/priors';
import { makeTarget } from '../probability/target';
import { bayesByBackprop } from './bayes-by-backprop';
import { conjugate, conjugateBatch, conjugateTarget, exactNoise, read, seededNoise } from './testing';
import { hostBatch, interpret, specsOf, stateInputs, train, type HostState } from './train-testing';

const build = (target: ReturnType<typeof makeTarget>, settings: object) => bayesByBackprop.build(target, bayesByBackprop.settings.parse(settings));
const array = (value: Tensor | undefined): number[] => [...value!.dataSync()];
const closeTo = (actual: readonly number[], expected: readonly number[], tolerance: number) =>
  actual.forEach((value, i) =>
    expect(Math.abs(value - expected[i]!), `entry ${i}: ${value} and ${expected[i]}`).toBeLessThan(tolerance * (1 + Math.abs(expected[i]!))),
  );

/** A small regression network with a learnt noise level: two Bayesian parameters and a point estimate. */
const network = (prior: Prior) =>
  makeTarget({
    parameters: [
      { name: 'a', shape: [2, 3], role: 'kernel', fanIn: 2, fanOut: 3, bayesian: true, layer: 0 },
      { name: 'b', shape: [3, 1], role: 'kernel', fanIn: 3, fanOut: 1, bayesian: true, layer: 1 },
    ],
    forward: (params, x) => matMul(softplus(matMul(x, params['a']!)), params['b']!),
    likelihood: likelihoods.gaussian.build({ noise: 'learnt', sd: 1 }, { kind: 'regression', outputs: 1 }),
    priors: { a: prior, b: prior },
    rows: 50,
  });
const batch = () => ({ x: tensor2d([0.3, -1, 1.2, 0.4, -0.6, 0.9], [3, 2]), y: tensor2d([0.5, -0.2, 1.1], [3, 1]) });
const names = ['a', 'b'] as const;

describe.each([
  ['gaussian, Monte Carlo', priors.gaussian.build({ sd: 0.4 }), 'monte-carlo'],
  ['laplace, Monte Carlo', priors.laplace.build({ scale: 0.3 }), 'monte-carlo'],
  ['scale mixture, Monte Carlo', priors['scale-mixture'].build({ share: 0.6, sd1: 0.5, sd2: 0.1 }), 'monte-carlo'],
  ['gaussian, closed form', priors.gaussian.build({ sd: 0.4 }), 'closed-form'],
  ['laplace, closed form', priors.laplace.build({ scale: 0.3 }), 'closed-form'],
] as const)('the tuned step: %s', (_name, prior, kl) => {
  // Catches a lost chain factor, sign, entropy or KL weight, a draw used twice, and a mean taken where a sum belongs.
  it('equals autodiff of the textbook objective by (mean, rho)', () => {
    const draws = 3;
    const klWeight = 0.7;
    const learningRate = 0.5;
    const target = network(prior);
    const algorithm = build(target, { draws, firstEpochDraws: draws, kl, klWeight, optimiser: 'sgd', learningRate });
    const source = seededNoise(5, 0);
    const key = { source, address: 0 };
    const results = read(() => {
      const state = algorithm.init({ source: seededNoise(2, 0), address: 0 });
      const { mean, rho } = state;
      const { hyper } = algorithm.schedule({ step: 0, epoch: 0, stepInEpoch: 0, stepsPerEpoch: 1, epochs: 1 });
      const stepped = algorithm.steps['main']!(state, batch(), key, { learningRate: scalar(hyper['learningRate']!), klWeight: scalar(hyper['klWeight']!) });

      const textbook = (...leaves: Tensor[]): { objective: Scalar; kl: Scalar; noiseExcess: Scalar } => {
        const [a, b, noise, rhoA, rhoB] = leaves as [Tensor, Tensor, Tensor, Tensor, Tensor];
        let energy = scalar(0);
        let divergence = scalar(0);
        let noiseExcess = scalar(0); // ½ Σ ε² − ½ d: what the exact entropy leaves out of the value
        for (let s = 0; s < draws; s++) {
          const weights: Record<string, Tensor> = { 'likelihood.logNoise': noise };
          for (const [name, centre, r] of [
            ['a', a, rhoA],
            ['b', b, rhoB],
          ] as const) {
            const sigma = add(softplus(r), 1e-6);
            const epsilon = normal(fold(fold(key, s), name), centre.shape);
            const w = add(centre, mul(sigma, epsilon));
            const logQ = sum(sub(mul(square(div(sub(w, centre), sigma)), -0.5), add(log(sigma), 0.5 * Math.log(2 * Math.PI))));
            weights[name] = w;
            divergence = add(divergence, kl === 'closed-form' ? prior.klFromGaussian!(centre, sigma) : sub(logQ, prior.logDensity(w)));
            noiseExcess = add(noiseExcess, mul(sub(sum(square(epsilon)), epsilon.size), 0.5));
          }
          energy = add(energy, neg(target.logLikelihood(weights, batch(), key)));
        }
        const meanKl: Scalar = div(divergence, draws);
        return { objective: div(add(div(energy, draws), mul(meanKl, klWeight)), 50), kl: meanKl, noiseExcess: div(noiseExcess, draws) };
      };
      const leaves = [mean['a']!, mean['b']!, mean['likelihood.logNoise']!, rho['a']!, rho['b']!];
      const gradients = grads((...xs) => textbook(...xs).objective)(leaves);
      const after = stepped.state!;
      const moved = [after.mean['a']!, after.mean['b']!, after.mean['likelihood.logNoise']!, after.rho['a']!, after.rho['b']!];
      const reference = textbook(...leaves);
      return {
        actual: moved.map((leaf, i) => array(div(sub(leaves[i]!, leaf), learningRate))),
        expected: gradients.map(array),
        info: Object.fromEntries(Object.entries(stepped.info).map(([id, value]) => [id, array(value)[0]!])),
        objective: array(reference.objective)[0]!,
        kl: array(reference.kl)[0]!,
        excess: kl === 'closed-form' ? 0 : array(reference.noiseExcess)[0]!,
      };
    });
    results.actual.forEach((gradient, i) => closeTo(gradient, results.expected[i]!, 1e-4));
    closeTo([results.info['kl']!], [results.kl + results.excess], 1e-4);
    closeTo([results.info['objective']!], [results.objective + (klWeight * results.excess) / 50], 1e-4);
    closeTo([results.info['elbo']!], [-results.info['nll']! - results.info['kl']! / 50], 1e-5);
  });
});

describe.each(['monte-carlo', 'closed-form'] as const)('on the conjugate model with %s KL', (kl) => {
  it('reaches the best factorised Gaussian and its evidence bound', () => {
    // Catches N/n, a KL counted twice, a lost ½ log 2π: each moves the bound by more than the tolerance.
    const algorithm = build(conjugateTarget(), { draws: 4, firstEpochDraws: 4, kl, optimiser: 'momentum', momentum: 0.8, learningRate: 0.02 });
    const { state, info } = train(algorithm, conjugateBatch, 250, (step) => exactNoise(1, step));
    const leaf = (path: string) => state.find(([name]) => name === path)![1].values;
    closeTo(leaf('mean/w'), conjugate.mean, 1e-4);
    leaf('rho/w').forEach((rho, i) => expect((Math.log1p(Math.exp(rho)) + 1e-6) ** 2 / conjugate.meanFieldVariance[i]!).toBeCloseTo(1, 2));
    expect(4 * info['elbo']!).toBeCloseTo(conjugate.meanFieldElbo, 3);
    // And the constants themselves: evidence − ELBO = KL(q ‖ posterior) = ½ log(Λ₁₁ Λ₂₂ |Σ|).
    const determinant = conjugate.variance[0]! * conjugate.variance[1]! - conjugate.covariance ** 2;
    expect(conjugate.logEvidence - 0.5 * Math.log(101 * 351 * determinant)).toBeCloseTo(conjugate.meanFieldElbo, 4);
  });
});

describe('Bayes by Backprop', () => {
  const target = network(priors.gaussian.build({ sd: 1 }));
  const time = { step: 0, epoch: 0, stepInEpoch: 0, stepsPerEpoch: 5, epochs: 4 };

  it('takes its first-epoch draws in the first epoch only', () => {
    const algorithm = build(target, {});
    expect(Object.keys(algorithm.steps)).toEqual(['main', 'first']);
    expect(algorithm.schedule(time).step).toBe('first');
    expect(algorithm.schedule({ ...time, epoch: 1 }).step).toBe('main');
    expect(Object.keys(build(target, { draws: 10 }).steps)).toEqual(['main']);
  });

  it('is unbiased: the mean gradient over many steps is the expected one', () => {
    // From one state, 800 single-draw steps with real noise against the exact gradient. Catches noise that is shared or not standard.
    const exact = build(conjugateTarget(), { draws: 4, firstEpochDraws: 4, optimiser: 'sgd', learningRate: 1 });
    const single = build(conjugateTarget(), { draws: 1, firstEpochDraws: 1, optimiser: 'sgd', learningRate: 1 });
    const start: HostState = [
      ['mean/w', { shape: [2, 1], values: [0.3, 0.2] }],
      ['rho/w', { shape: [2, 1], values: [-1.5, -2] }],
    ];
    const { specs, rows } = hostBatch(conjugateBatch);
    const inputs = { ...rows, ...stateInputs(start), 'hyper:learningRate': [1], 'hyper:klWeight': [1] };
    const gradient = (algorithm: typeof exact) => {
      const step = interpret(algorithm.steps['main']!, { state: specsOf(start), batch: specs, hyper: ['learningRate', 'klWeight'] });
      return (source: NoiseSource) => {
        const after = step(inputs, source).state;
        return start.flatMap(([path, { values }]) => values.map((value, i) => value - after[path]![i]!));
      };
    };
    const expected = gradient(exact)(exactNoise(1, 0));
    const stochastic = gradient(single);
    const samples = Array.from({ length: 800 }, (_, step) => stochastic(seededNoise(4, step)));
    expected.forEach((value, i) => {
      const mean = samples.reduce((total, sample) => total + sample[i]!, 0) / samples.length;
      const variance = samples.reduce((total, sample) => total + (sample[i]! - mean) ** 2, 0) / samples.length;
      expect(Math.abs(mean - value)).toBeLessThan(3.5 * Math.sqrt(variance / samples.length) + 1e-6); // 4 comparisons at 3.5 SE
    });
  });

  it('starts where the reference starts', () => {
    const values = read(() => {
      const { mean, rho } = build(network(priors.gaussian.build({ sd: 1 })), {}).init({ source: seededNoise(3, 0), address: 0 }) as {
        mean: Params;
        rho: Params;
      };
      return { mean: names.flatMap((name) => array(mean[name])), rho: names.flatMap((name) => array(rho[name])), noise: array(mean['likelihood.logNoise']) };
    });
    values.mean.forEach((value) => expect(Math.abs(value)).toBeLessThanOrEqual(0.1));
    values.rho.forEach((value) => expect(value).toBeGreaterThanOrEqual(-3));
    values.rho.forEach((value) => expect(value).toBeLessThanOrEqual(-2));
    expect(new Set([...values.mean, ...values.rho]).size).toBe(18); // no noise is used twice
    expect(values.noise).toEqual([0]);
  });

  it('draws weights of the right spread, and point parameters as they are', () => {
    const algorithm = build(target, {});
    const sigma = Math.log1p(Math.exp(-1)) + 1e-6;
    const sample = Array.from({ length: 2000 }, (_, s) =>
      read(() => {
        const state = { mean: { w: tensor([0.5]), 'likelihood.logNoise': tensor([0.3]) }, rho: { w: tensor([-1]) }, optimiser: {} };
        const draw = algorithm.draw(state, { source: seededNoise(1, s), address: 0 }, scalar(s, 'int32'));
        expect(array(draw['likelihood.logNoise'])[0]).toBeCloseTo(0.3, 6);
        return array(draw['w'])[0]!;
      }),
    );
    const mean = sample.reduce((a, b) => a + b) / sample.length;
    const sd = Math.sqrt(sample.reduce((total, w) => total + (w - mean) ** 2, 0) / sample.length);
    expect(Math.abs(mean - 0.5)).toBeLessThan((3 * sigma) / Math.sqrt(2000));
    expect(Math.abs(sd / sigma - 1)).toBeLessThan(3 / Math.sqrt(4000));
  });

  it('says what it cannot do, and what to use instead', () => {
    const problems = (prior: Prior, settings: object) => bayesByBackprop.problems!(network(prior), bayesByBackprop.settings.parse(settings));
    expect(problems(priors.gaussian.build({ sd: 1 }), { kl: 'closed-form' })).toEqual([]);
    expect(problems(priors.flat.build({}), {})[0]).toMatch(/flat prior of a, .*choose a Gaussian prior/);
    expect(problems(priors['scale-mixture'].build({ share: 0.5, sd1: 1, sd2: 0.1 }), { kl: 'closed-form' })[0]).toMatch(
      /prior of a has no closed-form.*monte-carlo/,
    );
    expect(problems(priors.gaussian.build({ sd: 1 }), { initialRhoLow: -1, initialRhoHigh: -2 })[0]).toContain('exchange');
  });
});
