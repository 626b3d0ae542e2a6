/** @file The exported predictive in plain ONNX Runtime, against the predictive that studies ask. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunSpec, type RunSpecInput } from '../../contract/spec';
import { openDevice } from '../backends';
import type { Device } from '../backends/device';
import { buildBayesianModel, type DataShape } from './bayesian-model';
import { StateDraws } from './draw-source';
import { initialState } from './initial-state';
import { DevicePosterior } from './predictive';
import { weightExports } from './weight-exports';

let device: Device;
beforeAll(async () => void (device = await openDevice('onnxruntime-cpu', { threads: 1 })));
afterAll(() => device.close());

type Parts = Pick<RunSpecInput, 'method'> & Partial<RunSpecInput>;
const [draws, seed] = [4, 7];

async function open(layers: RunSpecInput['architecture']['layers'], data: DataShape, parts: Parts) {
  const likelihood = { id: data.task.kind === 'classification' ? 'categorical' : 'gaussian' };
  const spec = RunSpec.parse({ dataset: { id: 'any' }, architecture: { layers }, likelihood, ...parts });
  const model = buildBayesianModel(spec, data);
  const stored = await initialState({ model, device, training: spec.training });
  const source = new StateDraws(model, device, device.upload(stored));
  return { posterior: new DevicePosterior(model, device, source), exports: weightExports(model, source) };
}
const standardised = (raw: Float32Array, mean: readonly number[], sd: readonly number[]) =>
  raw.map((value, i) => (value - mean[i % mean.length]!) / sd[i % sd.length]!);
const close = (found: Tensor, expected: ArrayLike<number>, tolerance = 2e-5) => {
  expect(found.size).toBe(expected.length);
  Array.from(expected).forEach((value, i) => expect(Math.abs(Number(found.data[i]) - value)).toBeLessThan(tolerance * Math.max(1, Math.abs(value))));
};
const pixels = (rows: number, shape: readonly number[]) =>
  Float32Array.from({ length: rows * shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.round(127 + 127 * Math.sin(3.7 * i)));

const image = [8, 8, 1];
const convolutional = [
  { kind: 'conv2d', settings: { filters: 3, activation: 'relu' } },
  { kind: 'max-pool' },
  { kind: 'batch-norm' },
  { kind: 'flatten' },
  { kind: 'output' },
];
const dense = [{ kind: 'flatten' }, { kind: 'dense', settings: { units: 6 } }, { kind: 'output' }];
const recurrent = [{ kind: 'lstm', settings: { units: 3 } }, { kind: 'output' }];

describe('the predictive as an ONNX model', () => {
  // Mutations caught: scaling left out, draws mixed with rows, entropy of the mean for the mean entropy, one draw taken again and again, a model that takes one number of rows only.
  it.each<[string, RunSpecInput['architecture']['layers'], readonly number[], Parts]>([
    ['Bayes by Backprop, draws together', dense, image, { method: { id: 'bbp' } }],
    ['a deep ensemble', dense, image, { method: { id: 'deep-ensemble', settings: { members: 4 } } }],
    ['MC dropout', dense, image, { method: { id: 'mc-dropout' } }],
    ['a point estimate', dense, image, { method: { id: 'map' } }],
    ['convolution and pooling', convolutional.toSpliced(2, 1), image, { method: { id: 'bbp' } }],
    ['statistics of batches, draw by draw', convolutional, image, { method: { id: 'bbp' } }],
    ['a recurrent network', recurrent, [5, 2], { method: { id: 'bbp' } }],
  ])('classifies raw pixels as Credence does: %s', async (_name, layers, inputShape, parts) => {
    const { posterior, exports } = await open(layers, { task: { kind: 'classification', outputs: 3 }, inputShape, rows: 20 }, parts);
    const scaling = { xMean: [33], xSd: [78], yMean: 0, ySd: 1 };
    const session = await InferenceSession.create(await exports.predictive(draws, seed, scaling));
    expect([session.inputNames, session.outputNames]).toEqual([['x'], ['probabilities', 'total', 'aleatoric', 'epistemic']]);
    for (const rows of [1, 3]) {
      const raw = pixels(rows, inputShape);
      const expected = await posterior.classify(standardised(raw, scaling.xMean, scaling.xSd), rows, { draws, seed });
      const found = await session.run({ x: new Tensor('float32', raw, [rows, ...inputShape]) });
      expect(found['probabilities']!.dims).toEqual([rows, 3]);
      for (const name of ['probabilities', 'total', 'aleatoric', 'epistemic'] as const) close(found[name]!, expected[name]);
    }
    await session.release();
    await posterior.close();
  });

  it('predicts targets in their unit, of features each scaled by its own', async () => {
    const { posterior, exports } = await open(
      [{ kind: 'dense', settings: { units: 6 } }, { kind: 'output' }],
      { task: { kind: 'regression', outputs: 1 }, inputShape: [3], rows: 20 },
      { method: { id: 'bbp' }, likelihood: { id: 'gaussian', settings: { noise: 'per-input' } } },
    );
    const scaling = { xMean: [1, 20, -3], xSd: [0.5, 7, 2], yMean: 300, ySd: 40 };
    const session = await InferenceSession.create(await exports.predictive(draws, seed, scaling));
    const raw = Float32Array.of(1, 25, -4, 0.5, 14, -2);
    const expected = await posterior.regress(standardised(raw, scaling.xMean, scaling.xSd), 2, { draws, seed });
    const found = await session.run({ x: new Tensor('float32', raw, [2, 3]) });
    close(
      found['mean']!,
      expected.mean.map((value) => 300 + 40 * value),
    );
    for (const name of ['total', 'aleatoric', 'epistemic'] as const)
      close(
        found[name]!,
        expected[name].map((value) => 40 * value),
      );
    await session.release();
    await posterior.close();
  });

  it('refuses a network that draws noise as it predicts', async () => {
    const dropping = dense.toSpliced(2, 0, { kind: 'dropout', settings: { predict: 'on' } } as never);
    const { posterior, exports } = await open(
      dropping,
      { task: { kind: 'classification', outputs: 3 }, inputShape: image, rows: 20 },
      { method: { id: 'bbp' } },
    );
    await expect(exports.predictive(draws, seed, { xMean: [0], xSd: [1], yMean: 0, ySd: 1 })).rejects.toMatchObject({ code: 'unsupported' });
    await posterior.close();
  });
});
