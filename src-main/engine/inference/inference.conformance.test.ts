/** @file What every method must keep: it converges to what it claims, is a pure function of its seed, and leaks nothing. */
import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { inferenceMethods, type InferenceMethodId } from './index';
import type { InferenceMethod } from './method';
import { conjugate, conjugateBatch, conjugateTarget, exactNoise, read, seededNoise } from './testing';
import { drawsOf, train } from './train-testing';

const fit = { optimiser: 'momentum', learningRate: 0.02, momentum: 0.8, draws: 4 };
/** Steps that shrink to almost nothing, and as many independent draws as chains. */
const manyChains = { chains: 200, course: 'polynomial', decayPower: 1, decayEpochs: 50 };

/** Settings, noise and steps under which each method must reach its claim on the conjugate model. A missing entry does not compile. */
const trials: { readonly [id in InferenceMethodId]: { readonly settings: object; readonly noise: typeof seededNoise; readonly steps: number } } = {
  map: { settings: { optimiser: 'momentum', learningRate: 0.02, momentum: 0.8 }, noise: seededNoise, steps: 200 },
  bbp: { settings: { ...fit, firstEpochDraws: 4 }, noise: exactNoise, steps: 250 },
  'local-reparametrisation': { settings: fit, noise: exactNoise, steps: 250 },
  flipout: { settings: fit, noise: exactNoise, steps: 250 },
  radial: { settings: fit, noise: exactNoise, steps: 250 },
  laplace: { settings: { optimiser: 'momentum', learningRate: 0.02, momentum: 0.8 }, noise: seededNoise, steps: 200 },
  'calibrated-bbp': { settings: { loss: 'eau' }, noise: seededNoise, steps: 1 },
  'sharpened-bbp': { settings: {}, noise: seededNoise, steps: 1 },
  'importance-weighted': { settings: { draws: 2 }, noise: seededNoise, steps: 1 },
  'variational-dropout': { settings: {}, noise: seededNoise, steps: 1 },
  'concrete-dropout': { settings: { initialRate: 0.5 }, noise: seededNoise, steps: 1 },
  'mc-dropout': { settings: { inputRate: 0.4 }, noise: seededNoise, steps: 1 },
  'deep-ensemble': { settings: {}, noise: seededNoise, steps: 1 },
  'bootstrap-ensemble': { settings: {}, noise: seededNoise, steps: 1 },
  'snapshot-ensemble': { settings: {}, noise: seededNoise, steps: 1 },
  swa: { settings: { optimiser: 'sgd', learningRate: 0.015, averagingRate: 0.015, start: 0.7 }, noise: seededNoise, steps: 300 },
  swag: { settings: {}, noise: seededNoise, steps: 1 },
  sgld: { settings: { ...manyChains, stepSize: 4e-3 }, noise: seededNoise, steps: 120 },
  psgld: { settings: { ...manyChains, stepSize: 0.1, decay: 0.9, burnIn: 0.5 }, noise: seededNoise, steps: 250 },
  sghmc: { settings: { chains: 200, stepSize: 0.01, preconditioner: 'none', clipping: 0 }, noise: seededNoise, steps: 120 },
  sgnht: { settings: { chains: 200, stepSize: 0.02, noise: 0.7 }, noise: seededNoise, steps: 200 },
  hmc: { settings: { chains: 200, stepSize: 0.07, leapfrogSteps: 5, burnIn: 0 }, noise: seededNoise, steps: 10 },
};

/**
 * Mean and covariance of what each claim promises. Mode and mean-field differ from the posterior in the covariance, so a method that
 * drops the prior, doubles a gradient or forgets its entropy fails, as does one that promises more than it does.
 */
const claims: {
  readonly [claim in Exclude<InferenceMethod['converges'], 'heuristic'>]: { readonly variance: readonly number[]; readonly covariance: number };
} = {
  mode: { variance: [0, 0], covariance: 0 },
  'mean-field': { variance: conjugate.meanFieldVariance, covariance: 0 },
  posterior: { variance: conjugate.variance, covariance: conjugate.covariance },
};

describe.each(Object.entries<InferenceMethod>(inferenceMethods))('%s', (id, method) => {
  const { settings, noise, steps } = trials[id as InferenceMethodId];
  const algorithm = method.build(conjugateTarget(), method.settings.parse(settings));
  const chain = (length: number, seed: number) => train(algorithm, conjugateBatch, length, (step) => seededNoise(seed, step));
  const draws = (state: Parameters<typeof drawsOf>[1], count: number, seed: number) =>
    drawsOf(algorithm, state, count, (s) => seededNoise(seed, s)).map(({ w }) => w!);

  if (method.converges !== 'heuristic') {
    const claim = claims[method.converges];
    it(`converges to the ${method.converges} of a correlated Gaussian`, () => {
      const { state } = train(algorithm, conjugateBatch, steps, (step) => noise(3, step));
      const sample = draws(state, method.randomDraws ? (algorithm.members ?? 2000) : 1, 7);
      const tolerance = 3 / Math.sqrt(sample.length); // three standard errors, in deviations; of a variance √2 times as many
      const mean = [0, 1].map((i) => sample.reduce((sum, w) => sum + w[i]!, 0) / sample.length);
      const covariance = (i: number, j: number) => sample.reduce((sum, w) => sum + (w[i]! - mean[i]!) * (w[j]! - mean[j]!), 0) / sample.length;
      for (const i of [0, 1]) {
        expect(Math.abs(mean[i]! - conjugate.mean[i]!)).toBeLessThan(1e-4 + tolerance * Math.sqrt(claim.variance[i]!)); // 1e-4 for single precision
        expect(Math.abs(covariance(i, i) - claim.variance[i]!)).toBeLessThanOrEqual(Math.SQRT2 * tolerance * claim.variance[i]!);
      }
      expect(Math.abs(covariance(0, 1) - claim.covariance)).toBeLessThanOrEqual(tolerance * Math.sqrt(claim.variance[0]! * claim.variance[1]!));
    });
  }

  it('is a pure function of its seed', () => {
    expect(chain(5, 1)).toEqual(chain(5, 1));
    expect(chain(5, 1)).not.toEqual(chain(5, 2));
  });

  it(method.randomDraws ? 'draws anew from each key' : 'always draws its estimate', () => {
    const [one, other] = draws(chain(4, 1).state, 2, 1);
    if (method.randomDraws) expect(one).not.toEqual(other);
    else expect(one).toEqual(other);
  });

  it('leaks no tensors', () => {
    const before = memory().numTensors;
    draws(chain(2, 1).state, 2, 1);
    expect(memory().numTensors).toBe(before);
  });

  it('reports exactly the metrics that it declares, and one set of scalars', () => {
    const longer = chain(2, 1);
    expect(Object.keys(longer.info).sort()).toEqual(method.metrics.map((metric) => metric.id).sort());
    const time = { step: 0, epoch: 0, stepInEpoch: 0, stepsPerEpoch: 4, epochs: 3 };
    const at = (other: object) => algorithm.schedule({ ...time, ...other });
    expect(Object.keys(at({ step: 9, epoch: 2, stepInEpoch: 1 }).hyper)).toEqual(Object.keys(at({}).hyper));
    expect(Object.keys(algorithm.steps)).toContain(at({}).step);
  });

  it('has settings that JSON Schema carries, each with a title and a default', () => {
    const { properties } = z.toJSONSchema(method.settings);
    for (const [field, schema] of Object.entries(properties ?? {}))
      expect(schema, field).toMatchObject({ title: expect.any(String), default: expect.anything() });
    expect(method.settings.parse({})).toBeDefined();
  });

  it('finds nothing to refuse in its trial', () => {
    expect(read(() => method.problems?.(conjugateTarget(), method.settings.parse(settings)) ?? [])).toEqual([]);
  });
});
