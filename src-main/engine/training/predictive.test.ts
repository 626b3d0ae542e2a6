import { add, concat, matMul, mul, ones, softmax, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { openDevice } from '../backends';
import { float32 } from '../numerics/host-tensor';
import { fold, normal } from '../numerics/random';
import type { BayesianModel } from './bayesian-model';
import { StateDraws } from './draw-source';
import type { Sums } from './posterior';
import { DevicePosterior } from './predictive';

/** y = w x with w ~ N(2, 0.5²) and noise sd 0.3; as a classifier, two classes with logits [w x, 0]. Only what a predictive needs. */
function line(kind: 'regression' | 'classification', together = false): BayesianModel {
  const parameters = [{ name: 'line.w', shape: [1, 1], role: 'kernel', fanIn: 1, fanOut: 1, bayesian: true, layer: 0 }] as const;
  const refuse = () => {
    throw new Error('not asked for in this test');
  };
  return {
    data: { task: { kind, outputs: kind === 'regression' ? 1 : 2 }, inputShape: [1], rows: 1 },
    size: 1,
    identity: `line ${kind}`,
    activations: 3,
    together,
    method: { id: 'line', title: 'Line', randomDraws: true, metrics: [] },
    target: {
      parameters,
      rows: 1,
      task: kind,
      prior: {},
      forward: (params, x) => matMul(x, params['line.w']!),
      perRowLogLikelihood: refuse,
      logLikelihood: refuse,
      logPrior: refuse,
      fit: refuse,
    },
    likelihood: {
      task: kind,
      outputs: 1,
      parameters: [],
      logDensity: refuse,
      predict: (outputs) =>
        kind === 'regression' ? { mean: outputs, sd: mul(ones(outputs.shape), 0.3) } : { probabilities: softmax(concat([outputs, mul(outputs, 0)], 1)) },
    },
    algorithm: {
      init: refuse,
      steps: {},
      schedule: refuse,
      draw: ({ mean, sd }, key) => ({ 'line.w': add(mean as Tensor, mul(sd as Tensor, normal(fold(key, 'w'), [1, 1]))) }),
    },
  };
}

describe.each(['tfjs-cpu', 'onnxruntime-cpu'])('the predictive on %s', async (backend) => {
  const device = await openDevice(backend, { threads: 1 });
  const state = device.upload({ mean: float32([1, 1], Float32Array.of(2)), sd: float32([1, 1], Float32Array.of(0.5)) });
  const posteriorOf = (kind: Parameters<typeof line>[0]) => new DevicePosterior(line(kind), device, new StateDraws(line(kind), device, state));
  const regression = posteriorOf('regression');

  it('splits the variance of a line with a Gaussian slope as it is known exactly', async () => {
    const { mean, epistemic, aleatoric, total } = await regression.regress(Float32Array.of(0, 1, -4), 3, { draws: 1000, seed: 1 });
    const error = 0.5 / Math.sqrt(1000); // standard error of the mean at x = 1
    [0, 1, -4].forEach((x, row) => {
      expect(Math.abs(mean[row]! - 2 * x)).toBeLessThanOrEqual(4 * error * Math.abs(x) + 1e-6);
      expect(Math.abs(epistemic[row]! - 0.5 * Math.abs(x))).toBeLessThanOrEqual((4 * error * Math.abs(x)) / Math.SQRT2 + 1e-6);
      expect(aleatoric[row]).toBeCloseTo(0.3, 6);
      expect(total[row]).toBeCloseTo(Math.hypot(0.3, epistemic[row]!), 6);
    });
  });

  // Mutations caught: noise that depends on the launch; rows of a padded last batch that end up elsewhere.
  it('uses the same draws for all rows, however they are split into launches', async () => {
    const rows = 2500;
    const x = Float32Array.from({ length: rows }, (_, i) => i / 100);
    const { drawMeans } = await regression.regress(x, rows, { draws: 3, seed: 4 });
    for (let s = 0; s < 3; s++) {
      const slope = drawMeans[s * rows + 100]!;
      for (const row of [0, 1, 999, 1000, 2499]) expect(drawMeans[s * rows + row]! / slope).toBeCloseTo(row / 100, 4);
    }
    expect(new Set([0, 1, 2].map((s) => drawMeans[s * rows + 100])).size).toBe(3);
    expect((await regression.regress(x.subarray(0, 200), 200, { draws: 1, seed: 4 })).drawMeans[100]).toBe(drawMeans[100]);
    expect((await regression.regress(x.subarray(0, 200), 200, { draws: 1, seed: 5 })).drawMeans[100]).not.toBe(drawMeans[100]);
  });

  it('counts votes and separates doubt from disagreement', async () => {
    const posterior = posteriorOf('classification');
    const draws = 200;
    const { votes, probabilities, total, aleatoric, epistemic } = await posterior.classify(Float32Array.of(0, 100), 2, { draws, seed: 1 });
    expect([...votes]).toEqual([draws, 0, draws, 0]); // a tie goes to the first class; at x = 100 the slope is 4 sd above 0
    expect([probabilities[0], probabilities[1]]).toEqual([0.5, 0.5]);
    expect(total[0]).toBeCloseTo(Math.LN2, 6);
    expect(aleatoric[0]).toBeCloseTo(Math.LN2, 6);
    expect(epistemic[0]).toBeCloseTo(0, 6);
    expect(total[1]).toBeCloseTo(0, 6);
    await posterior.close();
  });

  // Mutations caught: a draw counted twice or left out, sums of another draw's noise.
  it('goes on from the sums it kept, to the same bits', async () => {
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 10_000));
    let now = 0;
    const x = Float32Array.from({ length: 1500 }, (_, i) => i / 300);
    const kept: Sums[] = [];
    const options = { draws: 4, seed: 3, keep: ({ done, arrays }: Sums) => void kept.push({ done, arrays: arrays.map((values) => values.slice()) }) };
    const classifier = posteriorOf('classification');
    const predictions = [
      () => regression.regress(x, 1500, { ...options, ...(kept[1] && { from: kept[1] }) }),
      () => classifier.classify(x, 1500, { ...options, ...(kept[1] && { from: kept[1] }) }),
    ];
    for (const predict of predictions) {
      kept.length = 0;
      const whole = await predict();
      expect(kept.map(({ done }) => done)).toEqual([1, 2, 3]);
      expect(await predict()).toEqual(whole);
      expect(kept.map(({ done }) => done)).toEqual([1, 2, 3, 3]);
    }
    clock.mockRestore();
    await classifier.close();
  });

  it('tells how far it is, and can be cancelled', async () => {
    const heard: number[] = [];
    const stop = new AbortController();
    const report = (fraction: number) => {
      heard.push(fraction);
      if (heard.length === 2) stop.abort();
    };
    await expect(regression.regress(new Float32Array(2000), 2000, { draws: 4, seed: 1, signal: stop.signal, report })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(heard).toEqual([1 / 8, 2 / 8]);
  });
});
