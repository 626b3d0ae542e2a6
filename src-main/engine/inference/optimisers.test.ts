/** @file Optimisers and schedules against hand-worked steps and published values. */
import { scalar, tensor1d } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { State } from '../numerics/step';
import { initialise } from './initialisation';
import { learningRateAt } from './learning-rate-schedule';
import { klScale } from './kl-schedule';
import { makeOptimiser, optimiserSettings } from './optimisers';
import { read, seededNoise } from './testing';

const settings = z.object(optimiserSettings);

/** Positions after each step of minimising ½ p² (gradient p) from 1 and ½ · 9 q² (gradient 9 q) from −2. */
function descend(input: object, steps: number): number[][] {
  const optimiser = makeOptimiser(settings.parse(input));
  return read(() => {
    let parameters: { inner: { p: ReturnType<typeof tensor1d> } } = { inner: { p: tensor1d([1, -2]) } };
    let state: State = optimiser.init(parameters);
    const path: number[][] = [];
    for (let step = 0; step < steps; step++) {
      const time = { step, epoch: step, stepInEpoch: 0, stepsPerEpoch: 1, epochs: steps };
      const hyper = Object.fromEntries(Object.entries(optimiser.hyper(time)).map(([name, value]) => [name, scalar(value)]));
      const [p, q] = parameters.inner.p.dataSync() as unknown as [number, number];
      ({ parameters, state } = optimiser.update(state, parameters, { inner: { p: tensor1d([p, 9 * q]) } }, hyper));
      path.push([...parameters.inner.p.dataSync()]);
    }
    return path;
  });
}

const expectPath = (actual: number[][], expected: number[][]) =>
  actual.forEach((point, t) => point.forEach((value, i) => expect(value, `step ${t + 1}`).toBeCloseTo(expected[t]![i]!, 5)));

describe('optimisers', () => {
  it('SGD steps along the gradient', () => {
    expectPath(descend({ optimiser: 'sgd', learningRate: 0.1 }, 2), [
      [0.9, -0.2],
      [0.81, -0.02],
    ]);
  });

  it('momentum keeps a velocity as PyTorch does: the rate is outside of it', () => {
    // v₁ = g₁, p₁ = 1 − .1 · 1 = .9; v₂ = .5 · 1 + .9 = 1.4, p₂ = .76. q: v₁ = −18, q₁ = −.2; v₂ = −9 − 1.8 = −10.8, q₂ = .88.
    expectPath(descend({ optimiser: 'momentum', learningRate: 0.1, momentum: 0.5 }, 2), [
      [0.9, -0.2],
      [0.76, 0.88],
    ]);
  });

  it('Nesterov looks ahead along the velocity', () => {
    // v₁ = g₁ = 1, p₁ = 1 − .1 (1 + .5 · 1) = .85; v₂ = .5 + .85 = 1.35, p₂ = .85 − .1 (.85 + .675) = .6975. Catches plain momentum.
    expectPath(
      descend({ optimiser: 'nesterov', learningRate: 0.1, momentum: 0.5 }, 2).map(([p]) => [p!]),
      [[0.85], [0.6975]],
    );
  });

  it('Adadelta and RMSprop are their papers, written out', () => {
    // Catches ε beside the root instead of under it, squares of the wrong decay, and steps accumulated before they are taken.
    const expected: { readonly [id: string]: number[][] } = { adadelta: [], rmsprop: [] };
    for (const id of ['adadelta', 'rmsprop']) {
      const [position, squares, steps] = [
        [1, -2],
        [0, 0],
        [0, 0],
      ];
      for (let t = 0; t < 4; t++) {
        for (const i of [0, 1] as const) {
          const g = [1, 9][i]! * position[i]!;
          squares[i] = 0.8 * squares[i]! + 0.2 * g * g;
          const step = id === 'rmsprop' ? g / (Math.sqrt(squares[i]) + 1e-8) : (g * Math.sqrt(steps[i]! + 1e-6)) / Math.sqrt(squares[i] + 1e-6);
          steps[i] = 0.8 * steps[i]! + 0.2 * step * step;
          position[i]! -= 0.1 * step;
        }
        expected[id]!.push([...position]);
      }
    }
    expect(expected['rmsprop']![0]![0]).toBeCloseTo(1 - 0.1 / Math.sqrt(0.2), 6);
    for (const id of ['adadelta', 'rmsprop']) expectPath(descend({ optimiser: id, learningRate: 0.1, squareDecay: 0.8 }, 4), expected[id]!);
  });

  it('Adam is algorithm 1 of Kingma & Ba, written out', () => {
    // Catches a lost bias correction (first step ≠ rate), β₁ and β₂ exchanged, and ε inside the root.
    const [rate, beta1, beta2, epsilon] = [0.1, 0.8, 0.95, 1e-8];
    const expected: number[][] = [];
    const [position, first, second] = [
      [1, -2],
      [0, 0],
      [0, 0],
    ];
    for (let t = 1; t <= 5; t++) {
      for (const i of [0, 1] as const) {
        const g = [1, 9][i]! * position[i]!;
        first[i] = beta1 * first[i]! + (1 - beta1) * g;
        second[i] = beta2 * second[i]! + (1 - beta2) * g * g;
        position[i]! -= (rate * (first[i] / (1 - beta1 ** t))) / (Math.sqrt(second[i] / (1 - beta2 ** t)) + epsilon);
      }
      expected.push([...position]);
    }
    expect(expected[0]![0]).toBeCloseTo(0.9, 6);
    expectPath(descend({ optimiser: 'adam', learningRate: rate, beta1, beta2 }, 5), expected);
  });
});

describe('learning-rate schedules', () => {
  const rate = (input: object, epoch: number, stepInEpoch = 0) =>
    learningRateAt(settings.parse({ learningRate: 0.8, ...input }), { step: 0, epoch, stepInEpoch, stepsPerEpoch: 4, epochs: 10 });

  it('is constant, falls in steps, or along half a cosine to zero', () => {
    expect(rate({}, 9, 3)).toBe(0.8);
    const step = { rateSchedule: 'step', rateFactor: 0.5, rateEvery: 3 };
    expect([rate(step, 2, 3), rate(step, 3), rate(step, 6)]).toEqual([0.8, 0.4, 0.2]);
    const cosine = { rateSchedule: 'cosine' };
    expect(rate(cosine, 0)).toBe(0.8);
    expect(rate(cosine, 5)).toBeCloseTo(0.4, 12);
    expect(rate(cosine, 2, 2)).toBeCloseTo(0.4 * (1 + Math.SQRT1_2), 12); // within an epoch too
    expect(rate(cosine, 12)).toBeCloseTo(0, 12); // a sweep after the last epoch
  });

  it('warms up linearly from one step to the whole rate, and the cosine begins after that', () => {
    const warm = { rateSchedule: 'cosine', warmupEpochs: 2 };
    expect(rate(warm, 0)).toBeCloseTo(0.1, 12); // 8 steps: the first takes an eighth
    expect(rate(warm, 1, 3)).toBeCloseTo(0.8, 12);
    expect(rate(warm, 2)).toBeCloseTo(0.8, 12);
    expect(rate(warm, 6)).toBeCloseTo(0.4, 12);
  });
});

describe('KL schedules', () => {
  const at = (stepInEpoch: number, stepsPerEpoch: number, epoch = 0) => ({ step: 0, epoch, stepInEpoch, stepsPerEpoch, epochs: 9 });

  it("has Blundell's weights, whose mean over an epoch is 1", () => {
    const shares = [0, 1, 2, 3, 4].map((step) => klScale('blundell', at(step, 5), 1) / 5);
    [0.5161290322580645, 0.25806451612903225, 0.12903225806451613, 0.06451612903225806, 0.03225806451612903].forEach((share, i) =>
      expect(shares[i]).toBeCloseTo(share, 14),
    );
    const long = Array.from({ length: 2000 }, (_, step) => klScale('blundell', at(step, 2000), 1));
    expect(long.reduce((a, b) => a + b) / 2000).toBeCloseTo(1, 12); // 2^2000 overflows a double
  });

  it('anneals linearly in epochs, then stays', () => {
    expect(klScale('linear', at(0, 10, 0), 4)).toBe(0);
    expect(klScale('linear', at(5, 10, 1), 4)).toBe(0.375);
    expect(klScale('linear', at(0, 10, 7), 4)).toBe(1);
    expect(klScale('constant', at(3, 10), 4)).toBe(1);
  });
});

describe('initialisation', () => {
  const kernel = { name: 'k', shape: [40, 100], role: 'kernel', fanIn: 40, fanOut: 100, bayesian: true, layer: 0 } as const;
  const values = (scheme: Parameters<typeof initialise>[1], spec: Parameters<typeof initialise>[0] = kernel) =>
    read(() => [...initialise(spec, scheme, 0.2, { source: seededNoise(1, 0), address: 0 }).dataSync()]);
  const variance = (sample: number[]) => sample.reduce((total, value) => total + value ** 2, 0) / sample.length;

  it('has the variances of its schemes', () => {
    // Standard error of a variance over 4000 values: 1.4 % for uniform, 2.2 % for normal.
    expect(variance(values('fan-in')) / (1 / 40 / 3)).toBeCloseTo(1, 1);
    expect(variance(values('he')) / (2 / 40)).toBeCloseTo(1, 1);
    expect(variance(values('uniform')) / (0.2 ** 2 / 3)).toBeCloseTo(1, 1);
    expect(variance(values('glorot')) / (2 / (40 + 100))).toBeCloseTo(1, 1);
    values('fan-in').forEach((value) => expect(Math.abs(value)).toBeLessThanOrEqual(1 / Math.sqrt(40) + 1e-7));
  });

  it('starts biases of He at 0, those of fan-in by the fan-in, and what declares a start there', () => {
    expect(values('he', { ...kernel, role: 'bias' }).every((value) => value === 0)).toBe(true);
    expect(values('uniform', { ...kernel, role: 'noise', start: 0.5 }).every((value) => value === 0.5)).toBe(true);
    expect(variance(values('fan-in', { ...kernel, role: 'bias' })) / (1 / 40 / 3)).toBeCloseTo(1, 1);
  });
});
