/** @file The importance-weighted bound on the conjugate model, where the evidence is known. */
import { scalar, tensor1d } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { openDevice } from '../backends';
import { float32 } from '../numerics/host-tensor';
import { fold, type NoiseSource } from '../numerics/random';
import { importanceWeighted, logMeanWeight } from './importance-weighted';
import { meanField } from './mean-field';
import { conjugate, conjugateBatch, conjugateTarget, exactNoise, read, seededNoise } from './testing';
import { hostBatch, interpret, specsOf, stateInputs, type HostState } from './train-testing';

/** q = N(m, diag C): the posterior's own means and variances, without its correlation. */
const [m, sd] = [conjugate.mean, conjugate.variance.map(Math.sqrt)];
const rho = sd.map((value) => Math.log(Math.expm1(value - 1e-6)));

/** The bound of one step from q, in nats per data set, and its gradient by the means. */
function bound(settings: object, source: NoiseSource): { value: number; gradient: number[] } {
  const algorithm = importanceWeighted.build(conjugateTarget(), importanceWeighted.settings.parse({ optimiser: 'sgd', learningRate: 1, ...settings }));
  return read(() => {
    const state = { mean: { w: tensor1d([...m]) }, rho: { w: tensor1d(rho) }, optimiser: {} };
    const after = algorithm.steps['main']!(state, conjugateBatch(), { source, address: 0 }, { learningRate: scalar(1), klWeight: scalar(1) });
    const moved = [...(after.state as typeof state).mean.w.dataSync()];
    return { value: 4 * after.info['importanceBound']!.dataSync()[0]!, gradient: moved.map((value, i) => m[i]! - value) };
  });
}

/** log p(D, w) − log q(w) at w = m + sd ε, in float64. */
function logWeight(epsilon: readonly number[]): number {
  const w = epsilon.map((e, i) => m[i]! + sd[i]! * e) as [number, number];
  const normal = (x: number, centre: number, s: number) => -0.5 * ((x - centre) / s) ** 2 - Math.log(s) - 0.5 * Math.log(2 * Math.PI);
  const fit = [0.1, 0.9, 2.1, 2.9].reduce((total, y, x) => total + normal(y, w[0] + w[1] * x, 0.2), 0);
  return fit + w.reduce((total, value, i) => total + normal(value, 0, 1) - normal(value, m[i]!, sd[i]!), 0);
}
const pairs = [
  [1, 1],
  [1, -1],
  [-1, 1],
  [-1, -1],
];
const logMeanExp = (values: readonly number[]) => {
  const top = Math.max(...values);
  return top + Math.log(values.reduce((total, value) => total + Math.exp(value - top), 0) / values.length);
};

describe('the importance-weighted bound', () => {
  it('is the logarithm of the mean weight of its draws', () => {
    // Catches a mean of logarithms, a lost −log K, a lost ½ log 2π or ½ Σ ε², and the reference repository's sign.
    const weights = pairs.map(logWeight);
    expect(bound({ draws: 4 }, exactNoise(1, 0)).value).toBeCloseTo(logMeanExp(weights), 3);
    expect(bound({ draws: 4, asReference: true }, exactNoise(1, 0)).value).toBeCloseTo(-logMeanExp(weights.map((a) => -a)), 3);
  });

  it('is the same if the rows go through the network part by part, compiled too', async () => {
    const settings = importanceWeighted.settings.parse({ optimiser: 'sgd', learningRate: 1, draws: 2 });
    const stepOf = (most: number) => meanField(conjugateTarget(), settings, { objective: logMeanWeight(1, most), draws: 2 }).steps['main']!;
    const state = [
      ['mean/w', { shape: [2, 1], values: [0.3, 0.2] }],
      ['rho/w', { shape: [2, 1], values: [-1.5, -2] }],
    ] as const satisfies HostState;
    const { specs, rows } = hostBatch(conjugateBatch);
    const shapes = { state: specsOf(state), batch: specs, hyper: ['learningRate', 'klWeight'] };
    const inputs = { ...stateInputs(state), ...rows, 'hyper:learningRate': [1], 'hyper:klWeight': [0.7] };
    const after = (most: number) => interpret(stepOf(most), shapes)(inputs, seededNoise(4, 0));
    const [whole, parts] = [after(4), after(3)];
    for (const path of ['mean/w', 'rho/w']) parts.state[path]!.forEach((value, i) => expect(value).toBeCloseTo(whole.state[path]![i]!, 5));
    expect(parts.info['importanceBound']![0]).toBeCloseTo(whole.info['importanceBound']![0]!, 5);

    const device = await openDevice('onnxruntime-cpu', { threads: 1 });
    const batch = Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, float32(shape, Float32Array.from(rows[`batch:${name}`]!))]));
    const compiled = async (most: number) => {
      const leaves = device.upload(Object.fromEntries(state.map(([path, { shape, values }]) => [path, float32(shape, Float32Array.from(values))])));
      const program = await device.compile(stepOf(most), { ...shapes, state: leaves.specs });
      const info = await program.run({ state: leaves, batch, hyper: { learningRate: 1, klWeight: 0.7 }, noise: { seed: 1, step: 0 } });
      return info['importanceBound']!.data[0]!;
    };
    expect(await compiled(3)).toBeCloseTo(await compiled(4), 4);
    await device.close();
  });

  it('has a gap of 1.234 nats with one draw', () => {
    // log w is quadratic in ε, and the four pairs have mean 0 and covariance I: their mean is the expectation.
    const single = (pair: readonly number[]): NoiseSource => {
      const wanted = fold(fold({ source: exactNoise(1, 0), address: 0 }, 0), 'w').address;
      return { draw: (kind, address, shape) => (address === wanted ? tensor1d([...pair]) : exactNoise(1, 0).draw(kind, address, shape)) };
    };
    const mean = pairs.reduce((total, pair) => total + bound({ draws: 1 }, single(pair)).value / 4, 0);
    expect(conjugate.logEvidence - mean).toBeCloseTo(1.234, 3);
  });

  it('is never above the evidence on average, and closer to it with more draws', () => {
    const sample = Array.from({ length: 20 }, (_, step) => bound({ draws: 5 }, seededNoise(3, step)).value);
    const mean = sample.reduce((a, b) => a + b) / sample.length;
    const error = Math.sqrt(sample.reduce((total, value) => total + (value - mean) ** 2, 0)) / sample.length;
    expect(mean).toBeLessThan(conjugate.logEvidence + 3 * error);
    expect(conjugate.logEvidence - mean).toBeLessThan(0.8); // 1.234 with one draw
  });

  it('says what it has no meaning for, and stored runs that name it are still read', () => {
    expect(importanceWeighted.settings.safeParse({ temperature: 0.5 }).error?.issues[0]?.message).toMatch(/no temperature: .*Bayes by Backprop/);
    expect(importanceWeighted.settings.parse({ temperature: 1 }).temperature).toBe(1);
  });
});
