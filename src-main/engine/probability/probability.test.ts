/** @file Priors and likelihoods are densities with all their constants; the closed-form KLs are what draws say they are; N/n is right. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { add, grad, mul, scalar, setBackend, slice, stack, tensor, tensor1d, tensor2d, tidy, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { NoiseSource } from '../numerics/random';
import { likelihoods } from './likelihoods';
import type { Prior } from './prior';
import { priors } from './priors';
import { makeTarget } from './target';

beforeAll(() => setBackend('cpu'));

const values = (f: () => Tensor): number[] => tidy(() => [...f().dataSync()]);
const value = (f: () => Tensor): number => values(f)[0]!;
const silent: NoiseSource = { draw: () => scalar(0) };
const key = { source: silent, address: 0 };

/** Defaults, and a second setting whose parts cannot hide behind a default of 1. */
const proper: [string, Prior][] = [
  ['gaussian', priors.gaussian.build({ sd: 0.1 })],
  ['gaussian, sd 3', priors.gaussian.build({ sd: 3 })],
  ['laplace', priors.laplace.build({ scale: 0.1 })],
  ['laplace, scale 2', priors.laplace.build({ scale: 2 })],
  ['scale-mixture', priors['scale-mixture'].build(priors['scale-mixture'].settings.parse({}))],
  ['student-t', priors['student-t'].build({ degrees: 3, scale: 0.1 })],
  ['student-t, heavier', priors['student-t'].build({ degrees: 1.5, scale: 0.2 })],
  ['scale-mixture, narrow first', priors['scale-mixture'].build({ share: 0.3, sd1: 0.2, sd2: 1.5 })],
];

/** ∫ f over ℝ by the trapezium rule in t with w = ± e^t, which resolves scales from 1e-9 to 1e3. */
function integrate(f: (w: number) => number): number {
  const step = 0.01;
  let sum = 0;
  for (let t = -21; t < 7; t += step) sum += step * Math.exp(t) * (f(Math.exp(t)) + f(-Math.exp(t)));
  return sum;
}

it('mixes single weights, or whole tensors as the reference repository does', () => {
  // Three weights, one wide and two narrow: per weight each finds its own component; per tensor all must be wide. Worked out in double precision.
  const w = [0.2, 0.001, -0.002];
  const settings = { share: 0.75, sd1: 0.1, sd2: 0.002 };
  const log = (x: number, s: number) => -0.5 * (x / s) ** 2 - Math.log(s) - 0.5 * Math.log(2 * Math.PI);
  const perWeight = w.reduce((total, x) => total + Math.log(0.75 * Math.exp(log(x, 0.1)) + 0.25 * Math.exp(log(x, 0.002))), 0);
  const perTensor = Math.log(0.75) + w.reduce((total, x) => total + log(x, 0.1), 0); // the narrow one is e⁻⁴⁹⁸⁰ of it
  expect(value(() => priors['scale-mixture'].build(settings).logDensity(tensor1d(w)))).toBeCloseTo(perWeight, 4);
  expect(value(() => priors['tensor-mixture'].build(settings).logDensity(tensor1d(w)))).toBeCloseTo(perTensor, 4);
  expect(perWeight - perTensor).toBeGreaterThan(4);
});

describe.each(proper)('prior %s', (_name, prior) => {
  it('integrates to 1', () => {
    // Catches a missing constant or a wrong mixture share.
    expect(integrate((w) => Math.exp(prior.density(w)))).toBeCloseTo(1, 4);
  });

  it('has the same density on tensors, summed', () => {
    const points = [-2.5, -0.3, -0.0004, 0, 0.0011, 0.05, 0.7];
    const expected = points.map((w) => prior.density(w));
    points.forEach((w, i) => expect(Math.abs(value(() => prior.logDensity(tensor1d([w]))) - expected[i]!)).toBeLessThan(1e-5 * (1 + Math.abs(expected[i]!))));
    expect(value(() => prior.logDensity(tensor2d(points, [1, 7])))).toBeCloseTo(
      expected.reduce((a, b) => a + b),
      2,
    );
  });

  it('has the gradient of its density', () => {
    // Central differences in double precision; catches a wrong slope that constants hide.
    for (const w of [-0.21, -0.002, 0.0013, 0.4]) {
      const h = 1e-6 * Math.abs(w);
      const slope = (prior.density(w + h) - prior.density(w - h)) / (2 * h);
      expect(value(() => grad((x) => prior.logDensity(x))(tensor1d([w]))) / slope).toBeCloseTo(1, 3);
    }
  });

  if (prior.klFromGaussian) {
    it('has the KL of a Gaussian to it', () => {
      // E_q log q/p by quadrature over q: catches a dropped entropy, a variance for a deviation, E|w| for |μ|.
      for (const [mean, sd] of [
        [0.1, 0.05],
        [-0.4, 0.3],
        [0, 0.02],
      ] as const) {
        let expected = 0;
        const step = 1e-3;
        for (let z = -9; z < 9; z += step) {
          const logQ = -0.5 * z * z - Math.log(sd) - 0.5 * Math.log(2 * Math.PI);
          expected += step * (Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)) * (logQ - prior.density(mean + sd * z));
        }
        expect(value(() => prior.klFromGaussian!(tensor1d([mean]), tensor1d([sd]))) / expected).toBeCloseTo(1, 4);
      }
    });
  }
});

describe('priors', () => {
  it('have the hand-worked KL of N(0.1, 0.05²) to N(0, 0.1²), twice for two weights', () => {
    const kl = priors.gaussian.build({ sd: 0.1 }).klFromGaussian!;
    expect(value(() => kl(tensor1d([0.1, 0.1]), tensor1d([0.05, 0.05])))).toBeCloseTo(2 * 0.8181471805599454, 5);
    // σ = softplus(−3), μ = 0, against N(0, 1)
    expect(value(() => priors.gaussian.build({ sd: 1 }).klFromGaussian!(tensor1d([0]), tensor1d([0.04858735157374206])))).toBeCloseTo(2.5255724029988715, 5);
  });

  it('mix the scale mixture per weight, not per tensor', () => {
    // The reference repository's fault: mixing whole tensors makes it a Gaussian unless one component wins everywhere.
    const mixture = priors['scale-mixture'].build({ share: 0.75, sd1: 0.1, sd2: 0.0005 });
    expect(value(() => mixture.logDensity(tensor1d([0.2, 0.0001])))).toBeCloseTo(mixture.density(0.2) + mixture.density(0.0001), 4);
  });

  it('keep the flat prior out of the objective', () => {
    expect(value(() => priors.flat.build({}).logDensity(tensor1d([3, 4])))).toBe(0);
  });

  it.each(proper)('of K stacked members are the sum of K: %s', (_name, prior) => {
    const [a, b] = [
      [0.1, -0.2],
      [0.03, 0.4],
    ];
    const apart = value(() => prior.logDensity(tensor1d(a))) + value(() => prior.logDensity(tensor1d(b)));
    expect(value(() => prior.logDensity(tensor2d([a, b])))).toBeCloseTo(apart, 3);
  });
});

describe('categorical likelihood', () => {
  const likelihood = likelihoods.categorical.build({}, { kind: 'classification', outputs: 3 });
  const logits = [
    [2, -1, 0.5],
    [1000, 0, -1000],
  ];

  it('is the log-softmax of the label, stable for large logits', () => {
    const expected = 0.5 - Math.log(Math.exp(2) + Math.exp(-1) + Math.exp(0.5));
    const [first, second] = values(() => likelihood.logDensity(tensor2d(logits), tensor1d([2, 1], 'int32'), {}));
    expect(first).toBeCloseTo(expected, 5);
    expect(second).toBeCloseTo(-1000, 3);
  });

  it('takes members: K stacked = K separate', () => {
    const y = () => tensor1d([0, 2], 'int32');
    const both = values(() => likelihood.logDensity(stack([tensor2d(logits), mul(tensor2d(logits), 0.3)]), y(), {}));
    const apart = [
      ...values(() => likelihood.logDensity(tensor2d(logits), y(), {})),
      ...values(() => likelihood.logDensity(mul(tensor2d(logits), 0.3), y(), {})),
    ];
    both.forEach((density, i) => expect(density).toBeCloseTo(apart[i]!, 3));
  });
});

describe('Gaussian likelihood', () => {
  const logNormal = (y: number, mean: number, sd: number) => -0.5 * ((y - mean) / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI);
  const task = { kind: 'regression', outputs: 2 } as const;
  const y = () =>
    tensor2d([
      [1, -1],
      [0.5, 2],
    ]);
  const mean = [
    [0.2, -0.7],
    [0.1, 1.1],
  ];

  it('sums log-normal densities over the targets, with a fixed level', () => {
    const likelihood = likelihoods.gaussian.build({ noise: 'fixed', sd: 0.3 }, task);
    const density = values(() => likelihood.logDensity(tensor2d(mean), y(), {}));
    expect(density[0]).toBeCloseTo(logNormal(1, 0.2, 0.3) + logNormal(-1, -0.7, 0.3), 4);
    expect(density[1]).toBeCloseTo(logNormal(0.5, 0.1, 0.3) + logNormal(2, 1.1, 0.3), 4);
    expect(likelihood.parameters).toEqual([]);
  });

  it('learns one level per target, outside the posterior', () => {
    const likelihood = likelihoods.gaussian.build({ noise: 'learnt', sd: 1 }, task);
    const params = () => ({ 'likelihood.logNoise': tensor1d([Math.log(0.3), Math.log(2)]) });
    expect(values(() => likelihood.logDensity(tensor2d(mean), y(), params()))[0]).toBeCloseTo(logNormal(1, 0.2, 0.3) + logNormal(-1, -0.7, 2), 4);
    values(() => likelihood.predict(tensor2d(mean), params())['sd']!).forEach((sd, i) => expect(sd).toBeCloseTo([0.3, 2, 0.3, 2][i]!, 5));
    expect(likelihood.parameters).toMatchObject([{ name: 'likelihood.logNoise', shape: [2], bayesian: false }]);
    const members = () => ({
      'likelihood.logNoise': tensor2d([
        [Math.log(0.3), Math.log(2)],
        [0, 0],
      ]),
    });
    const stacked = values(() => likelihood.logDensity(tensor([mean, mean]), y(), members()));
    expect(stacked[0]).toBeCloseTo(logNormal(1, 0.2, 0.3) + logNormal(-1, -0.7, 2), 4);
    expect(stacked[3]).toBeCloseTo(logNormal(0.5, 0.1, 1) + logNormal(2, 1.1, 1), 4);
  });

  it('reads means, then log deviations, when the noise is per input', () => {
    const likelihood = likelihoods.gaussian.build({ noise: 'per-input', sd: 1 }, task);
    expect(likelihood.outputs).toBe(4);
    const outputs = () => tensor2d([[0.2, -0.7, Math.log(0.3), Math.log(2)]]);
    expect(value(() => likelihood.logDensity(outputs(), tensor2d([[1, -1]]), {}))).toBeCloseTo(logNormal(1, 0.2, 0.3) + logNormal(-1, -0.7, 2), 4);
    values(() => likelihood.predict(outputs(), {})['sd']!).forEach((sd, i) => expect(sd).toBeCloseTo([0.3, 2][i]!, 5));
  });
});

describe('target', () => {
  const target = makeTarget({
    parameters: [
      { name: 'w', shape: [2], role: 'kernel', fanIn: 1, fanOut: 2, bayesian: true, layer: 0 },
      { name: 'c', shape: [], role: 'bias', fanIn: 1, fanOut: 1, bayesian: false, layer: 0 },
    ],
    forward: (params, x) => add(mul(x, slice(params['w']!, 0, 1)), params['c']!),
    likelihood: likelihoods.gaussian.build({ noise: 'fixed', sd: 1 }, { kind: 'regression', outputs: 1 }),
    priors: { w: priors.gaussian.build({ sd: 1 }) },
    rows: 10,
  });
  const params = () => ({ w: tensor1d([0.5, 2]), c: scalar(0.1) });
  const density = (x: number, y: number) => -0.5 * (y - 0.5 * x - 0.1) ** 2 - 0.5 * Math.log(2 * Math.PI);

  it('scales each batch by N over its own rows, the short last one too', () => {
    const of = (x: number[], y: number[]): number =>
      value(() => target.logLikelihood(params(), { x: tensor2d(x, [x.length, 1]), y: tensor2d(y, [y.length, 1]) }, key) as Scalar);
    expect(of([1, 2, 3, 4], [0, 1, 2, 3])).toBeCloseTo((10 / 4) * (density(1, 0) + density(2, 1) + density(3, 2) + density(4, 3)), 3);
    expect(of([2], [1])).toBeCloseTo(10 * density(2, 1), 3);
  });

  it('has the prior of the Bayesian parameters only', () => {
    expect(value(() => target.logPrior(params()))).toBeCloseTo(-0.5 * (0.25 + 4) - Math.log(2 * Math.PI), 5);
  });

  it('refuses a Bayesian parameter without a prior', () => {
    expect(() =>
      makeTarget({
        ...target,
        parameters: target.parameters,
        priors: {},
        likelihood: likelihoods.categorical.build({}, { kind: 'classification', outputs: 2 }),
      }),
    ).toThrow('w has no prior');
  });
});
