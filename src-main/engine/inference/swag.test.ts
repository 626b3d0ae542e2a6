/** @file What SWAG collects and draws, against the same in float64; when weight averages and snapshots are taken. */
import { tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { sizeOf } from '../numerics/host-tensor';
import type { NoiseSource } from '../numerics/random';
import type { Algorithm, Time } from './method';
import { cycleAt, snapshotEnsemble } from './snapshot-ensemble';
import { swa } from './swa';
import { swag } from './swag';
import { conjugateBatch, conjugateTarget, seededNoise } from './testing';
import { drawsOf, train, type HostState } from './train-testing';
import { collection } from './weight-average';

const rank = 3;
const average = { start: 0.5, every: 2, averagingRate: 0.02 };
const point = { optimiser: 'sgd', learningRate: 0.004 };
const fitted = swag.build(conjugateTarget(), swag.settings.parse({ ...average, ...point, rank }));

/** States after each of the first `steps` of a training of 20 epochs of one step: 5 weights are collected. */
function states(algorithm: Algorithm<never>, steps: number): HostState[] {
  const whole = { ...algorithm, schedule: (time: Time) => algorithm.schedule({ ...time, epochs: 20 }) } as Algorithm;
  return Array.from({ length: steps }, (_, i) => train(whole, conjugateBatch, i + 1, (step) => seededNoise(3, step)).state);
}
const drawOf = (algorithm: Algorithm, state: HostState, noise: NoiseSource): number[] => drawsOf(algorithm, state, 1, () => noise)[0]!['w']!;
const leaf = (state: HostState, path: string): number[] => state.find(([name]) => name === path)![1].values;

describe('SWAG', () => {
  const trajectory = states(fitted as Algorithm<never>, 20);
  const collected = [11, 13, 15, 17, 19].map((step) => leaf(trajectory[step]!, 'params/w'));
  const last = trajectory.at(-1)!;
  const mean = [0, 1].map((i) => collected.reduce((sum, w) => sum + w[i]!, 0) / collected.length);

  // Mutations caught: a mean over the wrong weights, n for n + 1, a variance about the wrong mean, columns in the wrong order.
  it('collects mean, variance and the last deviations', () => {
    expect(leaf(last, 'count')).toEqual([5]);
    mean.forEach((value, i) => expect(leaf(last, 'mean/w')[i]).toBeCloseTo(value, 6));
    const variance = [0, 1].map((i) => collected.reduce((sum, w) => sum + (w[i]! - mean[i]!) ** 2, 0) / collected.length);
    variance.forEach((value, i) => expect(leaf(last, 'variance/w')[i]! / value).toBeCloseTo(1, 4));
    collected.forEach((w, n) => {
      if (n < collected.length - rank) return;
      const soFar = [0, 1].map((i) => collected.slice(0, n + 1).reduce((sum, other) => sum + other[i]!, 0) / (n + 1));
      const column = leaf(last, 'deviations/w').slice(2 * (4 - n), 2 * (4 - n) + 2);
      column.forEach((value, i) => expect(value).toBeCloseTo(w[i]! - soFar[i]!, 6));
    });
  });

  /** The draw under noise that is 1 in one place of one address and 0 elsewhere. */
  function drawAlong(unit: { address: number; at: number } | null) {
    const drawn: { address: number; size: number }[] = [];
    const source: NoiseSource = {
      draw(_kind, address, shape) {
        drawn.push({ address, size: sizeOf(shape) });
        return tensor(
          Float32Array.from({ length: sizeOf(shape) }, (_, i) => Number(unit?.address === address && unit.at === i)),
          [...shape],
        );
      },
    };
    return { w: drawOf(fitted as Algorithm, last, source), drawn };
  }

  // The draw is linear in its noise, θ̄ + A z, so A Aᵀ is its covariance, without sampling. Mutations caught: K for K − 1, a lost ½, z₂ not shared.
  it('draws with half the diagonal and half the low-rank covariance', () => {
    const { w: centre, drawn } = drawAlong(null);
    mean.forEach((value, i) => expect(centre[i]).toBeCloseTo(value, 6));
    const columns = drawn.flatMap(({ address, size }) =>
      Array.from({ length: size }, (_, at) => drawAlong({ address, at }).w.map((value, i) => value - centre[i]!)),
    );
    expect(columns).toHaveLength(rank + 2);
    const deviations = Array.from({ length: rank }, (_, k) => leaf(last, 'deviations/w').slice(2 * k, 2 * k + 2));
    for (const i of [0, 1])
      for (const j of [0, 1]) {
        const lowRank = deviations.reduce((sum, d) => sum + d[i]! * d[j]!, 0) / (rank - 1);
        const expected = 0.5 * (i === j ? leaf(last, 'variance/w')[i]! : 0) + 0.5 * lowRank;
        const scaled = columns.reduce((sum, column) => sum + column[i]! * column[j]!, 0) / Math.abs(expected);
        expect(scaled).toBeCloseTo(Math.sign(expected), 3);
      }
  });

  it('draws the weights as they are until it has collected any', () => {
    expect(drawOf(fitted as Algorithm, trajectory[5]!, seededNoise(1, 1))).toEqual(leaf(trajectory[5]!, 'params/w'));
  });
});

it('SWA draws the mean of the weights on its way', () => {
  const algorithm = swa.build(conjugateTarget(), swa.settings.parse({ ...average, ...point }));
  const trajectory = states(algorithm as Algorithm<never>, 20);
  const drawn = drawOf(algorithm as Algorithm, trajectory.at(-1)!, seededNoise(1, 1));
  for (const i of [0, 1]) expect(drawn[i]).toBeCloseTo([11, 13, 15, 17, 19].reduce((sum, step) => sum + leaf(trajectory[step]!, 'params/w')[i]!, 0) / 5, 6);
});

it('collects from the start of averaging on, counted back from the last step', () => {
  const at = (every: number) =>
    Array.from({ length: 30 }, (_, step) =>
      collection({ start: 0.5, every, averagingRate: 1 }, { step, epoch: Math.floor(step / 10), stepInEpoch: step % 10, stepsPerEpoch: 10, epochs: 3 }),
    );
  expect(at(0).flatMap((now, step) => (now?.due ? [[step, now.index]] : []))).toEqual([
    [19, 0],
    [29, 1],
  ]);
  expect(at(6).flatMap((now, step) => (now?.due ? [[step, now.index]] : []))).toEqual([
    [17, 0],
    [23, 1],
    [29, 2],
  ]);
  expect(at(6)[14]).toBeNull();
});

describe('a snapshot ensemble', () => {
  const time = (step: number): Time => ({ step, epoch: Math.floor(step / 7), stepInEpoch: step % 7, stepsPerEpoch: 7, epochs: 3 });
  const algorithm = snapshotEnsemble.build(conjugateTarget(), snapshotEnsemble.settings.parse({ cycles: 4, learningRate: 0.2, optimiser: 'momentum' }));
  const moves = Array.from({ length: 21 }, (_, step) => algorithm.schedule(time(step)));

  it('lets the rate fall along a cosine in each cycle, and keeps the weights at its end', () => {
    const length = 6; // of 21 steps in 4 cycles; the last has 3
    moves.forEach(({ hyper }, step) => expect(hyper['learningRate']).toBeCloseTo(0.1 * (Math.cos((Math.PI * (step % length)) / length) + 1), 12));
    expect(moves.flatMap(({ keep }, step) => (keep ? [step] : []))).toEqual([5, 11, 17, 20]);
    expect(cycleAt(time(20), 1)).toEqual({ share: 20 / 21, ends: true });
  });
});
