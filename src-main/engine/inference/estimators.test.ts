/** @file Ways to estimate one bound: each equals autodiff of its textbook objective, and all have the same expected gradient. */
import {
  add,
  div,
  grads,
  log,
  matMul,
  mul,
  neg,
  scalar,
  slice,
  softplus,
  sqrt,
  square,
  sub,
  sum,
  tanh,
  tensor2d,
  type Scalar,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { withWeights } from '../numerics/affine';
import { bernoulli, fold, normal, type Key, type NoiseSource } from '../numerics/random';
import type { Params } from '../numerics/tree';
import { likelihoods } from '../probability/likelihoods';
import { priors } from '../probability/priors';
import { makeTarget } from '../probability/target';
import { bayesByBackprop } from './bayes-by-backprop';
import { flipout } from './flipout';
import { localReparametrisation } from './local-reparametrisation';
import type { InferenceMethod } from './method';
import { read, seededNoise } from './testing';
import { hostBatch, interpret, specsOf, stateInputs, train } from './train-testing';

const product = (x: Tensor, kernel: Tensor): Tensor => matMul(x, kernel);
const parameter = (name: string, shape: number[], role: 'kernel' | 'bias') =>
  ({ name, shape, role, fanIn: 2, fanOut: 2, bayesian: true, affine: 'once', layer: 0 }) as const;
const priorSd = 0.4;
const gaussian = priors.gaussian.build({ sd: priorSd });

/** tanh network 2 → 3 → 1 with biases, fixed noise. */
const target = makeTarget({
  parameters: [parameter('a', [2, 3], 'kernel'), parameter('c', [3], 'bias'), parameter('b', [3, 1], 'kernel'), parameter('d', [1], 'bias')],
  forward(params, x, _key, rule = withWeights(params)) {
    return rule({ kernel: 'b', bias: 'd', product }, tanh(rule({ kernel: 'a', bias: 'c', product }, x)));
  },
  likelihood: likelihoods.gaussian.build({ noise: 'fixed', sd: 0.5 }, { kind: 'regression', outputs: 1 }),
  priors: { a: gaussian, b: gaussian, c: gaussian, d: gaussian },
  rows: 50,
});
const names = ['a', 'c', 'b', 'd'] as const;
const rows = 8;
const draws = 2;
const batch = () => ({
  x: tensor2d(
    Array.from({ length: 2 * rows }, (_, i) => Math.sin(1 + 2.3 * i)),
    [rows, 2],
  ),
  y: tensor2d(
    Array.from({ length: rows }, (_, i) => Math.cos(1.7 * i)),
    [rows, 1],
  ),
});
const array = (value: Tensor): number[] => [...value.dataSync()];

type Leaves = { readonly [name in (typeof names)[number]]: Tensor };

/** Gradient by (mean, rho) of one SGD step of rate 1, under the noise given, from the state that seed 2 starts with. */
function stepGradient(method: InferenceMethod, settings: object): (source: NoiseSource) => number[] {
  const start = { initialRange: 0.8, initialRhoLow: -1.5, initialRhoHigh: -0.5 };
  const algorithm = method.build(target, method.settings.parse({ optimiser: 'sgd', learningRate: 1, ...start, ...settings }));
  const { state } = train(algorithm, batch, 0, () => seededNoise(2, 0));
  const { specs, rows: data } = hostBatch(batch);
  const step = interpret(algorithm.steps['main']!, { state: specsOf(state), batch: specs, hyper: ['learningRate', 'klWeight'] });
  const inputs = { ...stateInputs(state), ...data, 'hyper:learningRate': [1], 'hyper:klWeight': [0.7] };
  const trained = state.filter(([path]) => /^(mean|rho)/.test(path));
  return (source) => {
    const after = step(inputs, source).state;
    return trained.flatMap(([path, { values }]) => values.map((value, i) => value - after[path]![i]!));
  };
}

/** −(N/n) Σ log N(y; output, 0.5²) for outputs of each row. */
const energy = (outputs: Tensor, y: Tensor): Scalar =>
  mul(sum(add(mul(square(div(sub(y, outputs), 0.5)), 0.5), Math.log(0.5) + 0.5 * Math.log(2 * Math.PI))), 50 / rows);
/** Σ log(s/σ) + (σ² + μ²)/2s² − ½ */
const klOf = (mean: Tensor, sd: Tensor): Scalar => sum(sub(add(neg(log(div(sd, priorSd))), div(add(square(sd), square(mean)), 2 * priorSd ** 2)), 0.5));

/** The papers' forward passes, written out for this network. */
const textbook: { readonly [id: string]: (source: NoiseSource, draw: number, x: Tensor, mean: Leaves, sd: Leaves) => Tensor } = {
  'local-reparametrisation'(source, draw, x, mean, sd) {
    const key = fold({ source, address: 0 }, 0);
    const layer = (input: Tensor, w: 'a' | 'b', b: 'c' | 'd') => {
      const gamma = add(matMul(input, mean[w]), mean[b]);
      const delta = add(matMul(square(input), square(sd[w])), square(sd[b]));
      // The rows of all draws take their noise in one go.
      const noise = slice(normal(fold(fold(key, 'forward'), w), [draws * rows, gamma.shape[1]!]), [draw * rows, 0], [rows, gamma.shape[1]!]);
      return add(gamma, mul(sqrt(delta), noise));
    };
    return layer(tanh(layer(x, 'a', 'c')), 'b', 'd');
  },
  flipout(source, draw, x, mean, sd) {
    const key = fold({ source, address: 0 }, draw);
    const sign = (own: Key, shape: number[]) => sub(mul(bernoulli(own, 0.5, shape), 2), 1);
    const layer = (input: Tensor, w: 'a' | 'b', b: 'c' | 'd') => {
      const own = fold(fold(key, 'forward'), w);
      const [n, features] = input.shape as [number, number];
      const units = mean[w].shape[1]!;
      const [r, s] = [sign(fold(own, 'inputs'), [n, features]), sign(fold(own, 'outputs'), [n, units])];
      const noise = (name: 'a' | 'b' | 'c' | 'd') => mul(sd[name], normal(fold(key, name), sd[name].shape));
      return add(add(matMul(input, mean[w]), mean[b]), mul(add(matMul(mul(input, r), noise(w)), noise(b)), s));
    };
    return layer(tanh(layer(x, 'a', 'c')), 'b', 'd');
  },
};

describe.each([localReparametrisation, flipout])('$title', (method) => {
  // Catches σ for σ², a lost 2σ, a bias without noise, noise shared by rows or layers, a lost N/n or KL weight.
  it('equals autodiff of its textbook objective by (mean, rho)', () => {
    const source = seededNoise(5, 0);
    const actual = stepGradient(method, { draws, kl: 'closed-form' })(source);
    const expected = read(() => {
      const settings = { initialRange: 0.8, initialRhoLow: -1.5, initialRhoHigh: -0.5 };
      const { mean, rho } = method.build(target, method.settings.parse(settings)).init({ source: seededNoise(2, 0), address: 0 }) as {
        mean: Params;
        rho: Params;
      };
      const objective = (...leaves: Tensor[]): Scalar => {
        const of = (first: number) => Object.fromEntries(names.map((name, i) => [name, leaves[first + i]!])) as Leaves;
        const [means, rhos] = [of(0), of(names.length)];
        const sds = Object.fromEntries(names.map((name) => [name, add(softplus(rhos[name]), 1e-6)])) as unknown as Leaves;
        const { x, y } = batch();
        const energies = Array.from({ length: draws }, (_, s) => energy(textbook[method.id]!(source, s, x, means, sds), y));
        const kl = names.reduce<Scalar>((total, name) => add(total, klOf(means[name], sds[name])), scalar(0));
        return div(
          add(
            div(
              energies.reduce<Scalar>((one, other) => add(one, other), scalar(0)),
              draws,
            ),
            mul(kl, 0.7),
          ),
          50,
        );
      };
      return grads(objective)([...names.map((name) => mean[name]!), ...names.map((name) => rho[name]!)]).flatMap(array);
    });
    expect(actual).toHaveLength(expected.length);
    actual.forEach((value, i) =>
      expect(Math.abs(value - expected[i]!), `entry ${i}: ${value} and ${expected[i]}`).toBeLessThan(1e-4 * (1 + Math.abs(expected[i]!))),
    );
  });

  it('refuses what it cannot handle by name, with what to use instead', () => {
    const without = makeTarget({
      parameters: [{ name: 'lstm1.kernel', shape: [2, 3], role: 'kernel', fanIn: 2, fanOut: 3, bayesian: true, layer: 0 }],
      forward: (_params, x) => x,
      likelihood: likelihoods.categorical.build({}, { kind: 'classification', outputs: 2 }),
      priors: { 'lstm1.kernel': priors['scale-mixture'].build({ share: 0.5, sd1: 1, sd2: 0.1 }) },
      rows: 1,
    });
    const problems = method.problems!(without, method.settings.parse({}));
    expect(problems).toHaveLength(2);
    expect(problems[0]).toMatch(/set the KL to monte-carlo/);
    expect(problems[1]).toMatch(/lstm1\.kernel.*Bayes by Backprop/);
    expect(method.problems!(target, method.settings.parse({}))).toEqual([]);
  });
});

describe('against weight draws, in 400 steps from one state', () => {
  const steps = 400;
  const moments = (method: InferenceMethod) => {
    const gradient = stepGradient(method, { draws: 1, kl: 'closed-form' });
    const sample = Array.from({ length: steps }, (_, step) => gradient(seededNoise(method.id.length, step)));
    const mean = sample[0]!.map((_, i) => sample.reduce((total, g) => total + g[i]!, 0) / steps);
    const variance = mean.map((m, i) => sample.reduce((total, g) => total + (g[i]! - m) ** 2, 0) / steps);
    return { mean, variance, total: variance.reduce((a, b) => a + b) };
  };
  const plain = moments(bayesByBackprop);

  it.each([
    [localReparametrisation, 0.4], // 0.19 measured
    [flipout, 0.6], // 0.31 measured
  ])('$title has the same mean gradient and less variance', (method, share) => {
    const other = moments(method);
    // 26 comparisons; at 3.5 standard errors of the difference a sound estimator fails once in 80 choices of seed.
    other.mean.forEach((mean, i) => expect(Math.abs(mean - plain.mean[i]!)).toBeLessThan(3.5 * Math.sqrt((other.variance[i]! + plain.variance[i]!) / steps)));
    expect(other.total / plain.total).toBeLessThan(share);
  });
});
