/** @file Quantised predictives: near the float ones, computed by integer kernels, honest about layers that have none. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunSpec, type RunSpecInput } from '../../contract/spec';
import { openDevice } from '../backends';
import type { Device } from '../backends/device';
import { openModel } from '../backends/model-session';
import { buildBayesianModel, type DataShape } from './bayesian-model';
import { StateDraws } from './draw-source';
import { initialState } from './initial-state';
import { precisionPredictive, type Quantisation } from './quantisation';
import { weightExports } from './weight-exports';

let device: Device;
beforeAll(async () => void (device = await openDevice('onnxruntime-cpu', { threads: 1 })));
afterAll(() => device.close());

const [draws, seed, rows] = [3, 7, 40];
type Layers = RunSpecInput['architecture']['layers'];

async function open(layers: Layers, data: DataShape, method: RunSpecInput['method'] = { id: 'bbp' }) {
  const likelihood = { id: data.task.kind === 'classification' ? 'categorical' : 'gaussian' };
  const model = buildBayesianModel(RunSpec.parse({ dataset: { id: 'any' }, architecture: { layers }, likelihood, method }), data);
  const stored = await initialState({ model, device, training: RunSpec.shape.training.parse({}) });
  const source = new StateDraws(model, device, device.upload(stored));
  const width = data.inputShape.reduce((a, b) => a * b, 1);
  const x = Float32Array.from({ length: rows * width }, (_, i) => Math.sin(3.7 * i) + 0.3 * Math.cos(0.11 * i));
  const quantisation: Quantisation = { rows, x, range: { by: 'max-abs' }, threads: 1 };
  return { precision: precisionPredictive(model, source, 1), exports: weightExports(model, source), x, quantisation, source };
}

const image = [12, 12, 1];
const classes: DataShape = { task: { kind: 'classification', outputs: 3 }, inputShape: image, rows: 50 };
const dense: Layers = [{ kind: 'flatten' }, { kind: 'dense', settings: { units: 20 } }, { kind: 'output' }];
const convolutional: Layers = [
  { kind: 'conv2d', settings: { filters: 4 } },
  { kind: 'max-pool' },
  { kind: 'conv2d', settings: { filters: 6, padding: 'valid' } },
  { kind: 'flatten' },
  { kind: 'dense', settings: { units: 10, activation: 'tanh' } },
  { kind: 'output' },
];
const gap = (a: ArrayLike<number>, b: ArrayLike<number>) => Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));

/** Operations of ONNX Runtime that a model ran. */
async function operationsOf(model: Uint8Array, x: Float32Array): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'credence-profile-'));
  try {
    const session = await openModel(model, 1, join(folder, 'run'));
    await session.run(x, [rows, ...image]);
    await session.close();
    const events = JSON.parse(readFileSync(join(folder, readdirSync(folder)[0]!), 'utf8')) as { readonly args?: { readonly op_name?: string } }[];
    return events.flatMap(({ args }) => (args?.op_name ? [args.op_name] : []));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('a quantised predictive', () => {
  // Mutations caught: the step of the weight for that of x, offsets without their step, a transposed weight, ranges of another layer.
  it.each([
    ['dense', dense],
    ['convolutional', convolutional],
  ])('predicts as the float one within the rounding, smaller: %s', async (_name, layers) => {
    const { precision, x, quantisation, source } = await open(layers, classes, { id: 'bbp', settings: { initialRange: 0.5 } });
    const float = await precision.classify(x, rows, { draws, seed });
    const integer = await precision.classify(x, rows, { draws, seed }, quantisation);
    const difference = gap(float.predictive.probabilities, integer.predictive.probabilities);
    expect(difference).toBeLessThan(0.05);
    expect(difference).toBeGreaterThan(0);
    expect(gap(float.predictive.epistemic, integer.predictive.epistemic)).toBeLessThan(0.05);
    expect(integer.cost.bytes).toBeLessThan(float.cost.bytes);
    await source.close();
  });

  it('is computed by integer kernels alone', async () => {
    const { exports, x, quantisation, source } = await open(convolutional, classes);
    const scaling = { xMean: [0], xSd: [1], yMean: 0, ySd: 1 };
    const float = await operationsOf(await exports.predictive(draws, seed, scaling), x);
    const integer = await operationsOf(await exports.predictive(draws, seed, scaling, quantisation), x);
    const times = (operations: readonly string[], name: string) => operations.filter((own) => own === name).length;
    expect([times(integer, 'QLinearConv'), times(integer, 'QGemm')]).toEqual([2 * draws, 2 * draws]);
    for (const name of ['Conv', 'FusedConv', 'MatMul', 'Gemm', 'FusedMatMul', 'FusedGemm']) expect(times(integer, name)).toBe(0);
    expect(times(float, 'QGemm')).toBe(0);
    await source.close();
  });

  it('predicts targets, and offsets keep the step of their product', async () => {
    const data: DataShape = { task: { kind: 'regression', outputs: 1 }, inputShape: [6], rows: 50 };
    const { precision, x, quantisation, source } = await open([{ kind: 'dense', settings: { units: 30 } }, { kind: 'output' }], data);
    const float = await precision.regress(x, rows, { draws, seed });
    const integer = await precision.regress(x, rows, { draws, seed }, { ...quantisation, range: { by: 'mse' } });
    const spread = Math.max(...float.predictive.drawMeans) - Math.min(...float.predictive.drawMeans);
    expect(gap(float.predictive.drawMeans, integer.predictive.drawMeans)).toBeLessThan(0.03 * spread);
    expect(gap(float.predictive.drawSds, integer.predictive.drawSds)).toBe(0); // the noise level is no product
    await source.close();
  });

  it('names the layers that have no integer form', async () => {
    const layers: Layers = [{ kind: 'conv-transpose2d', settings: { filters: 2 } }, { kind: 'flatten' }, { kind: 'output' }];
    const { precision, exports, x, quantisation, source } = await open(layers, classes);
    const refusal = { code: 'unsupported', message: expect.stringMatching(/^conv-transpose2d1 cannot be computed in 8-bit integers/) };
    await expect(precision.classify(x, rows, { draws, seed }, quantisation)).rejects.toMatchObject(refusal);
    await expect(exports.predictive(draws, seed, { xMean: [0], xSd: [1], yMean: 0, ySd: 1 }, quantisation)).rejects.toMatchObject(refusal);
    await source.close();
  });
});
