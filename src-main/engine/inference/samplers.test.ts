/** @file Samplers in float64: one step of each against values worked out apart, and what the steps are stationary at. */
import { mul, scalar, sum, tensor1d, type Scalar } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { gamma, hostUniforms } from '../numerics/host-random';
import { float32, type TensorSpecs } from '../numerics/host-tensor';
import { exactStep, time } from './exact-step.testing';
import { clip, noLengths } from './gradient-clipping';
import { hmc } from './hmc';
import { psgld } from './psgld';
import { sghmc } from './sghmc';
import { sgld } from './sgld';
import { sgnht } from './sgnht';
import { conjugate, conjugateTarget, read } from './testing';

// The conjugate model: U = ½ (w − m)ᵀ P (w − m) + constant, P = I + 25 XᵀX.
const batch: TensorSpecs = { x: { dtype: 'float32', shape: [4, 2] }, y: { dtype: 'float32', shape: [4, 1] } };
const rows = { x: [1, 0, 1, 1, 1, 2, 1, 3], y: [0.1, 0.9, 2.1, 2.9] };
const P = [
  [101, 150],
  [150, 351],
] as const;
const xi = [0.5, -1.2];
const w = [0.3, 0.8];

/** Settings and constants are single precision in a graph. */
const closeTo = (actual: readonly number[], expected: readonly number[], tolerance = 2e-7) =>
  expected.forEach((value, i) => expect(Math.abs(actual[i]! - value), `[${i}]: ${actual[i]} and ${value}`).toBeLessThan(tolerance * (1 + Math.abs(value))));

describe('one step from (0.3, 0.8) with noise (0.5, −1.2), worked out in NumPy', () => {
  it('of SGLD, and what it reports', () => {
    const step = exactStep(sgld.build(conjugateTarget(), sgld.settings.parse({ stepSize: 1e-3, temperature: 0.5 })), batch);
    const { state, info } = step({ 'params/w': w }, rows, xi);
    closeTo(state['params/w']!, [0.311030339887499, 0.7827671842700025]);
    closeTo([4 * info['potential']!, info['configurationalTemperature']!], [1.4408795494916342, -7.635], 1e-6);
    closeTo([4 * info['nll']! - info['logPrior']!], [1.4408795494916342], 1e-6);
  });

  it('of pSGLD while it adapts, and afterwards', () => {
    const algorithm = psgld.build(conjugateTarget(), psgld.settings.parse({ stepSize: 0.01, decay: 0.9 }));
    const { state } = exactStep(algorithm, batch)({ 'params/w': w, 'square/w': [3, 5] }, rows, xi);
    closeTo(state['square/w']!, [2.709, 41.364]);
    closeTo(state['params/w']!, [0.3380619979974316, 0.7676086516540132]);
    const later = exactStep(algorithm, batch, time(60))({ 'params/w': w, 'square/w': [2.709, 41.364] }, rows, xi);
    expect(later.state).toEqual({ 'params/w': later.state['params/w'], 'square/w': [2.709, 41.364] }); // frozen
    closeTo(later.state['params/w']!, [0.3380619979974316, 0.7676086516540132]);
  });

  it('of scale-adapted SG-HMC in its burn-in', () => {
    const algorithm = sghmc.build(conjugateTarget(), sghmc.settings.parse({ clipping: 0 }));
    const before = { 'params/w': w, 'momentum/w': [0.01, -0.02], 'scales/window/w': [2, 3], 'scales/mean/w': [0.5, -0.4], 'scales/square/w': [40, 50] };
    const { state, info } = exactStep(algorithm, batch)(before, rows, xi);
    closeTo(state['scales/window/w']!, [2.9875000003125, 3.990400000192], 1e-6);
    closeTo(state['scales/mean/w']!, [0.4330544157210093, -5.111305956242345], 1e-6);
    closeTo(state['scales/square/w']!, [26.641008657126704, 129.8516239306946], 1e-6);
    closeTo(state['momentum/w']!, [0.0101883461392501, -0.0199492227888261]);
    closeTo(state['params/w']!, [0.3101883461392501, 0.7800507772111739]);
    closeTo([info['kineticTemperature']!], [16.871805389301848], 1e-6);
  });

  it('of plain SG-HMC, with friction and with a new momentum', () => {
    const algorithm = sghmc.build(conjugateTarget(), sghmc.settings.parse({ preconditioner: 'none', stepSize: 1e-3, friction: 0.1, clipping: 0 }));
    const before = { 'params/w': w, 'momentum/w': [0.01, -0.02] };
    closeTo(exactStep(algorithm, batch)(before, rows, xi).state['params/w']!, [0.30922330679775, 0.7814825436854]);
    closeTo(exactStep(algorithm, batch, time(49))(before, rows, xi).state['momentum/w']!, [0.0004997, -0.0011808]);
  });

  it('of SGNHT', () => {
    const algorithm = sgnht.build(conjugateTarget(), sgnht.settings.parse({ stepSize: 0.02, noise: 0.1 }));
    const { state } = exactStep(algorithm, batch)({ 'params/w': w, 'momentum/w': [0.01, -0.02], friction: [0.2] }, rows, xi);
    closeTo([...(state['friction'] ?? []), ...(state['momentum/w'] ?? [])], [0.19985, 0.0123536359549996, -0.019056126291999]);
    closeTo(state['params/w']!, [0.3123536359549995, 0.780943873708001]);
  });

  it('of HMC: two leapfrog steps at temperature 2, accepted and refused by the same energies', () => {
    const algorithm = hmc.build(conjugateTarget(), hmc.settings.parse({ stepSize: 0.03, leapfrogSteps: 2, temperature: 2 }));
    const search = { 'search/logStep': [Math.log(0.03)], 'search/logMean': [0], 'search/error': [0], 'search/count': [0] };
    const step = exactStep(algorithm, batch);
    const accepted = step({ 'params/w': w, ...search }, rows, xi); // uniform 0.5: no jitter, and below exp(−ΔH)
    closeTo(accepted.state['params/w']!, [0.331189717875, 0.74927591225], 1e-6);
    closeTo([accepted.info['energyError']!, accepted.info['acceptance']!], [0.019505064780392156, 0.9806839282273574], 1e-6);
    const unjittered = hmc.build(conjugateTarget(), hmc.settings.parse({ stepSize: 0.03, leapfrogSteps: 2, temperature: 2, jitter: 0 }));
    expect(exactStep(unjittered, batch)({ 'params/w': w, ...search }, rows, xi, 0.99).state['params/w']).toEqual(w);
    // Dual averaging: H = (0.8 − 0.98…)/11, log ε = log 0.3 − 20 H; ε̄ takes it over whole in the first step.
    const logStep = Math.log(0.3) - (20 * (0.8 - 0.9806839282273574)) / 11;
    closeTo([accepted.state['search/logStep']![0]!, accepted.state['search/logMean']![0]!, accepted.state['search/count']![0]!], [logStep, logStep, 1], 1e-6);
  });
});

type Matrix = readonly (readonly number[])[];
const times = (a: Matrix, b: Matrix): number[][] => a.map((row) => b[0]!.map((_, j) => row.reduce((total, value, k) => total + value * b[k]![j]!, 0)));
const transposed = (a: Matrix): number[][] => a[0]!.map((_, j) => a.map((row) => row[j]!));
const plus = (a: Matrix, b: Matrix, factor = 1): number[][] => a.map((row, i) => row.map((value, j) => value + factor * b[i]![j]!));
const identity = (n: number): number[][] => Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Number(i === j)));
const inverse = ([[a, b], [c, d]]: Matrix): number[][] => [
  [d! / (a! * d! - b! * c!), -b! / (a! * d! - b! * c!)],
  [-c! / (a! * d! - b! * c!), a! / (a! * d! - b! * c!)],
];

/** Stationary covariance of the positions of s' = A s + B ξ + …, the step being affine in its state and noise: Σ = A Σ Aᵀ + B Bᵀ, by doubling. */
function stationary(step: ReturnType<typeof exactStep>, fixed: { readonly [path: string]: readonly number[] }, moving: readonly string[]): Matrix {
  const n = 2 * moving.length;
  const run = (s: readonly number[], noise: readonly number[]): number[] => {
    const state = { ...fixed, ...Object.fromEntries(moving.map((path, i) => [path, s.slice(2 * i, 2 * i + 2)])) };
    const after = step(state, rows, noise).state;
    return moving.flatMap((path) => [...after[path]!]);
  };
  const origin = run(new Array<number>(n).fill(0), [0, 0]);
  const column = (s: readonly number[], noise: readonly number[]) => run(s, noise).map((value, i) => value - origin[i]!);
  let A: Matrix = transposed(identity(n).map((unit) => column(unit, [0, 0])));
  const B = transposed(identity(2).map((unit) => column(new Array<number>(n).fill(0), unit)));
  let sigma: Matrix = times(B, transposed(B));
  for (let i = 0; i < 40; i++) {
    sigma = plus(sigma, times(times(A, sigma), transposed(A)));
    A = times(A, A);
  }
  return sigma.slice(0, 2).map((row) => row.slice(0, 2));
}

const expectCovariance = (actual: Matrix, expected: Matrix, tolerance = 1e-5) =>
  actual.forEach((row, i) => row.forEach((value, j) => expect(Math.abs(value / expected[i]![j]! - 1), `[${i}][${j}]`).toBeLessThan(tolerance)));

describe('the stationary covariance', () => {
  // Catches a missing ½ of the drift, √ε for √(ε/2), the noise of another step size, a lost prior or N/n.
  it.each([1e-4, 1e-3, 4e-3])('of SGLD at ε = %f is [P (I − εP/4)]⁻¹', (stepSize) => {
    const step = exactStep(sgld.build(conjugateTarget(), sgld.settings.parse({ stepSize })), batch);
    expectCovariance(stationary(step, {}, ['params/w']), inverse(times(P, plus(identity(2), P, -stepSize / 4))), 1e-4);
  });

  it('of pSGLD with G frozen is [P (I − εGP/4)]⁻¹', () => {
    const square = [90, 400];
    const G = square.map((v) => 1 / Math.sqrt(v));
    const stepSize = 0.02;
    const step = exactStep(psgld.build(conjugateTarget(), psgld.settings.parse({ stepSize })), batch, time(50));
    const scaled = P.map((row, i) => row.map((value) => (G[i]! * value * stepSize) / 4));
    expectCovariance(stationary(step, { 'square/w': square }, ['params/w']), inverse(times(P, plus(identity(2), scaled, -1))));
  });

  /** In the eigenbasis of P: the variance of θₜ₊₁ = (1 + a − hλ) θₜ − a θₜ₋₁ + s ξ, an AR(2) process, a = 1 − C, h = ε² M⁻¹. */
  function secondOrder(h: number, friction: number, noiseVariance: number): Matrix {
    const half = (P[0][0] + P[1][1]) / 2;
    const root = Math.hypot((P[0][0] - P[1][1]) / 2, P[0][1]);
    const a = 1 - friction;
    return [half + root, half - root]
      .map((lambda) => {
        const length = Math.hypot(P[0][1], lambda - P[0][0]);
        const u = [P[0][1] / length, (lambda - P[0][0]) / length];
        const variance = (noiseVariance * (1 + a)) / ((1 - a) * h * lambda * (2 * (1 + a) - h * lambda));
        return u.map((x) => u.map((y) => variance * x * y));
      })
      .reduce((one, other) => plus(one, other));
  }

  it('of plain SG-HMC solves its discrete Lyapunov equation', () => {
    const step = exactStep(sghmc.build(conjugateTarget(), sghmc.settings.parse({ preconditioner: 'none', stepSize: 0.01, clipping: 0 })), batch, time(60));
    expectCovariance(stationary(step, {}, ['params/w', 'momentum/w']), secondOrder(1e-4, 0.05, 2 * 1e-4 * 0.05), 1e-4);
  });

  it.each([true, false])('of scale-adapted SG-HMC too, with the −ε⁴ of minibatch noise: %s', (subtractNoise) => {
    const step = exactStep(sghmc.build(conjugateTarget(), sghmc.settings.parse({ stepSize: 0.05, clipping: 0, subtractNoise })), batch, time(60));
    const scales = { 'scales/window/w': [1, 1], 'scales/mean/w': [0, 0], 'scales/square/w': [400, 400] };
    const h = 0.05 ** 2 / (20 + 1e-6);
    expectCovariance(stationary(step, scales, ['params/w', 'momentum/w']), secondOrder(h, 0.05, 2 * h * 0.05 - (subtractNoise ? 0.05 ** 4 : 0)), 1e-4);
  });
});

describe('SGLD', () => {
  const count = 4000;
  const free = {
    ...conjugateTarget(),
    parameters: [{ name: 'w', shape: [count], role: 'kernel', fanIn: 1, fanOut: 1, bayesian: true, layer: 0 } as const],
    logLikelihood: (params: { readonly [name: string]: Parameters<typeof mul>[0] }) => mul(sum(params['w']!), 0) as Scalar,
    logPrior: (params: { readonly [name: string]: Parameters<typeof mul>[0] }) => mul(sum(params['w']!), 0) as Scalar,
  };

  it('is Brownian motion of variance ε T t where nothing pulls', () => {
    const step = exactStep(sgld.build(free, sgld.settings.parse({ stepSize: 0.02, temperature: 0.7 })), {});
    let at: readonly number[] = new Array<number>(count).fill(0);
    const uniform = hostUniforms(3, 0, 'brownian');
    const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    for (let t = 0; t < 10; t++) at = step({ 'params/w': at }, {}, Array.from({ length: count }, normal)).state['params/w']!;
    const variance = at.reduce((total, value) => total + value ** 2, 0) / count;
    expect(Math.abs(variance / (0.02 * 0.7 * 10) - 1)).toBeLessThan(3 * Math.sqrt(2 / count)); // three standard errors
  });

  it('scales each minibatch up to the whole data set, the short last one by its own rows', () => {
    // 1010 rows in batches of 50, the last of 10: with weights n/N the batches' gradients make up the whole one. Dropping N/n, or 50 for 10, fails.
    const N = 1010;
    const x = Float64Array.from({ length: 2 * N }, (_, i) => (i % 2 ? Math.sin(i) : 1));
    const y = Float64Array.from({ length: N }, (_, i) => Math.cos(3 * i));
    const algorithm = sgld.build(conjugateTarget(N), sgld.settings.parse({ stepSize: 2, temperature: 0 }));
    const gradient = (first: number, n: number): number[] => {
      const step = exactStep(algorithm, { x: { dtype: 'float32', shape: [n, 2] }, y: { dtype: 'float32', shape: [n, 1] } });
      const { state } = step({ 'params/w': w }, { x: [...x.subarray(2 * first, 2 * (first + n))], y: [...y.subarray(first, first + n)] }, [0]);
      return w.map((value, i) => value - state['params/w']![i]!);
    };
    const whole = gradient(0, N);
    const mean = [0, 0];
    for (let first = 0; first < N; first += 50) {
      const n = Math.min(50, N - first);
      gradient(first, n).forEach((value, i) => (mean[i]! += (n / N) * value));
    }
    closeTo(mean, whole);
  });
});

describe('the limit on gradients', () => {
  it('is the mean of the lengths so far plus their deviations, and holds only after 1000 of them', () => {
    const judge = (count: number, length: number) =>
      read(() => {
        const past = {
          count: scalar(count),
          mean: scalar(5),
          squares: scalar(4 * count),
          clipped: scalar(1),
        };
        const { factor, lengths } = clip({ a: tensor1d([0.6 * length]), b: tensor1d([0.8 * length]) }, past, 1, 3);
        return [factor, ...Object.values(lengths)].map((value) => value.dataSync()[0]!);
      });
    closeTo(judge(2000, 22), [(5 + 3 * 2) / 22, 2001, 5 + 17 / 2001, 8000 + 17 * (17 - 17 / 2001), 2], 1e-6);
    closeTo(judge(2000, 10.9), [1, 2001, 5 + 5.9 / 2001, 8000 + 5.9 * (5.9 - 5.9 / 2001), 1], 1e-6);
    closeTo(judge(1000, 22), [1, 1001, 5 + 17 / 1001, 4000 + 17 * (17 - 17 / 1001), 1], 1e-6);
    expect(read(() => Object.values(noLengths(3)).map(({ shape }) => shape))).toEqual([[3], [3], [3], [3]]);
  });
});

describe('the Gibbs step of the prior’s precision', () => {
  it('draws Gamma numbers of the right mean and variance', () => {
    for (const shape of [0.5, 11]) {
      const uniform = hostUniforms(1, 0, `gamma ${shape}`);
      const draws = Array.from({ length: 20_000 }, () => gamma(shape, uniform));
      const mean = draws.reduce((a, b) => a + b) / draws.length;
      const variance = draws.reduce((total, x) => total + (x - mean) ** 2, 0) / draws.length;
      expect(Math.abs(mean - shape)).toBeLessThan(3 * Math.sqrt(shape / draws.length));
      // Var of a sample variance: (κ + 2) σ⁴/n with excess kurtosis κ = 6/shape.
      expect(Math.abs(variance / shape - 1)).toBeLessThan(3 * Math.sqrt((6 / shape + 2) / draws.length));
    }
  });

  it('conditions on the sum of squares: Gamma(α + n/2, β + ½ Σ w²) for each chain', () => {
    const { between } = sghmc.build(conjugateTarget(), sghmc.settings.parse({ learnPrior: true, precisionShape: 3, precisionRate: 2, chains: 2 }));
    expect(between!.every).toBe(15);
    const sums = [8, 1];
    const uniform = hostUniforms(7, 1, 'w');
    const draws = Array.from(
      { length: 4000 },
      () => between!.run({ 'prior/squares/w': float32([2], Float32Array.from(sums)) }, () => uniform)['prior/precision/w']!.data,
    );
    sums.forEach((squares, chain) => {
      const expected = (3 + 1) / (2 + squares / 2);
      const mean = draws.reduce((total, data) => total + data[chain]!, 0) / draws.length;
      expect(Math.abs(mean / expected - 1)).toBeLessThan(3 * Math.sqrt(1 / 4 / draws.length));
    });
  });

  it('gives the chain its prior and its squares', () => {
    const algorithm = sghmc.build(
      conjugateTarget(),
      sghmc.settings.parse({ learnPrior: true, preconditioner: 'none', stepSize: 1, friction: 1, temperature: 0, clipping: 0 }),
    );
    const gradient = (precision: number) => {
      const { state, info } = exactStep(algorithm, batch)(
        { 'params/w': w, 'momentum/w': [0, 0], 'prior/precision/w': [precision], 'prior/squares/w': [0] },
        rows,
        [0],
      );
      closeTo(state['prior/squares/w']!, [0.73]);
      closeTo([info['logPrior']!], [-0.5 * precision * 0.73 + Math.log(precision / (2 * Math.PI))], 1e-6);
      return w.map((value, i) => value - state['params/w']![i]!);
    };
    const [one, four] = [gradient(1), gradient(4)];
    closeTo(one, [0.3, -19.2], 1e-5);
    closeTo(
      four.map((value, i) => value - one[i]!),
      w.map((value) => 3 * value),
      1e-4,
    );
  });
});

it('the conjugate model has the covariance that P says', () => {
  closeTo(inverse(P).flat(), [conjugate.variance[0]!, conjugate.covariance, conjugate.covariance, conjugate.variance[1]!], 1e-12);
});
