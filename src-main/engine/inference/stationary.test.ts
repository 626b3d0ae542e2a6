/** @file What the samplers' steps are stationary at: where a step is affine in state and noise, its covariance is exact. */
import { describe, expect, it } from 'vitest';
import { closeTo, conjugateRows as rows, conjugateSpecs as batch, exactStep, time } from './exact-step.testing';
import { psgld } from './psgld';
import { sghmc } from './sghmc';
import { sgld } from './sgld';
import { conjugate, conjugateTarget } from './testing';

const P = [
  [101, 150],
  [150, 351],
] as const;

type Matrix = readonly (readonly number[])[];
const times = (a: Matrix, b: Matrix): number[][] => a.map((row) => b[0]!.map((_, j) => row.reduce((total, value, k) => total + value * b[k]![j]!, 0)));
const transposed = (a: Matrix): number[][] => a[0]!.map((_, j) => a.map((row) => row[j]!));
const plus = (a: Matrix, b: Matrix, factor = 1): number[][] => a.map((row, i) => row.map((value, j) => value + factor * b[i]![j]!));
const identity = (n: number): number[][] => Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Number(i === j)));
const inverse = (matrix: Matrix): number[][] => {
  const [a, b, c, d] = matrix.flat() as [number, number, number, number];
  const determinant = a * d - b * c;
  return [
    [d / determinant, -b / determinant],
    [-c / determinant, a / determinant],
  ];
};

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

  it('of SG-HMC’s momentum is 1/(1 − C/2) of ε² however the course shortens the steps', () => {
    const cyclical = { course: 'cyclical', cycles: 1, exploration: 0, burnIn: 0, preconditioner: 'none', friction: 0.1, resampleEvery: 0 };
    const { schedule } = sghmc.build(conjugateTarget(), sghmc.settings.parse(cyclical));
    let variance = 0;
    for (let step = 0; step < 100; step++) {
      const { stepSize, keptMomentum, noise } = schedule(time(step)).hyper as { stepSize: number; keptMomentum: number; noise: number };
      variance = keptMomentum ** 2 * variance + noise;
      if (step > 80) expect(variance / stepSize ** 2, `${step}`).toBeCloseTo(1 / 0.95, 4);
    }
  });
});

it('the conjugate model has the covariance that P says', () => {
  closeTo(inverse(P).flat(), [conjugate.variance[0]!, conjugate.covariance, conjugate.covariance, conjugate.variance[1]!], 1e-12);
});
