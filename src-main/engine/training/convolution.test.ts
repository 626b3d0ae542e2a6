/** @file LeNet-5 and the small VGG train on drawn digits, and their compiled steps do what TF.js does eagerly. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunSpec } from '../../contract/spec';
import { drawnDigits } from '../../datasets/drawn-digits';
import { openDevice } from '../backends';
import type { Device } from '../backends/device';
import { inferenceMethods, type InferenceMethodId } from '../inference';
import { presets } from '../nn/presets';
import { float32, int32 } from '../numerics/host-tensor';
import { buildBayesianModel, checkModel } from './bayesian-model';
import { Minibatches } from './minibatches';
import { compiling, expectSameStep } from './step-testing';
import { Recorder } from './testing';
import { train } from './train';

let folder: string;
let compiled: Device;
let oracle: Device;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credence-convolution-'));
  compiled = await openDevice(compiling, { threads: 1 });
  oracle = await openDevice('tfjs-cpu', { threads: 1 });
});
afterAll(async () => {
  await compiled.close();
  await oracle.close();
  await rm(folder, { recursive: true });
});

async function digits(rows: number) {
  const { train } = await drawnDigits.load({ folder }, drawnDigits.settings.parse({ size: 'small' }));
  const x = Float32Array.from(train.x.subarray(0, rows * 784), (pixel) => pixel / 255);
  return { rows, x, y: Int32Array.from(train.y.subarray(0, rows)) };
}
const specOf = (preset: string, method: RunSpec['method'], training: object) =>
  RunSpec.parse({
    dataset: { id: 'drawn-digits' },
    architecture: presets.find(({ id }) => id === preset)!.architecture,
    likelihood: { id: 'categorical' },
    prior: { id: 'gaussian', settings: { sd: 1 } },
    method,
    training,
  });
const modelOf = (spec: RunSpec, rows: number) => buildBayesianModel(spec, { task: { kind: 'classification', outputs: 10 }, inputShape: [28, 28, 1], rows });

const methods: RunSpec['method'][] = [
  { id: 'map', settings: { optimiser: 'adam', learningRate: 0.002, initialisation: 'he' } },
  {
    id: 'bbp',
    settings: {
      optimiser: 'adam',
      learningRate: 0.002,
      draws: 1,
      firstEpochDraws: 1,
      klWeight: 0.1,
      initialisation: 'he',
      initialRhoLow: -6,
      initialRhoHigh: -5,
    },
  },
];

/** Every layer with a window. */
const windows = [
  { kind: 'conv2d', settings: { filters: 3, stride: 2, kernelHeight: 2 } },
  { kind: 'average-pool', settings: { padding: 'same', stride: 1 } },
  { kind: 'conv-transpose2d', settings: { filters: 2, activation: 'tanh' } },
  { kind: 'max-pool', settings: { kernelHeight: 3, stride: 2 } },
  { kind: 'flatten' },
  { kind: 'conv1d', settings: { filters: 2, stride: 3 } },
  { kind: 'flatten' },
  { kind: 'output' },
];

/** What repeats a step's work within it, once or twice: how often it is repeated is tested apart from layers (compiled.conformance). */
const few: { readonly [method in InferenceMethodId]?: object } = {
  bbp: { draws: 1, firstEpochDraws: 1 },
  radial: { draws: 1 },
  flipout: { draws: 1 },
  'local-reparametrisation': { draws: 2, factorised: true },
  'variational-dropout': { draws: 2 },
  'calibrated-bbp': { draws: 2 },
  'importance-weighted': { draws: 2 },
  hmc: { leapfrogSteps: 1, chains: 2 },
  'deep-ensemble': { members: 2 },
  'bootstrap-ensemble': { members: 2 },
};

it.each(Object.keys(inferenceMethods) as InferenceMethodId[])(
  '%s takes the same step compiled and eagerly through every layer with a window, or says what else to choose',
  async (id) => {
    const spec = RunSpec.parse({
      dataset: { id: 'digits' },
      architecture: { layers: windows },
      likelihood: { id: 'categorical' },
      prior: { id: 'gaussian', settings: { sd: 1 } },
      method: { id, settings: few[id] ?? {} },
      training: { seed: 3 },
    });
    const shape = { task: { kind: 'classification', outputs: 3 }, inputShape: [7, 6, 2], rows: 100 } as const;
    const problems = checkModel(spec, shape);
    problems.forEach(({ message }) => expect(message).toMatch(/[Cc]hoose/));
    if (problems.length > 0) return;
    const x = float32(
      [4, 7, 6, 2],
      Float32Array.from({ length: 336 }, (_, i) => Math.sin(1 + 1.3 * i)),
    );
    await expectSameStep({ compiled, oracle }, buildBayesianModel(spec, shape), spec.training, { x, y: int32([4], Int32Array.of(0, 2, 1, 1)) });
  },
);

describe.each(['lenet', 'small-vgg'])('%s', (preset) => {
  // Bayes by Backprop differentiates the likelihood as MAP does, and draws the weights besides; the larger network is shown one row.
  it.each(preset === 'lenet' ? methods : methods.slice(1))('takes the same step compiled and eagerly: $id', async (method) => {
    const spec = specOf(preset, method, { seed: 3 });
    const rows = preset === 'lenet' ? 2 : 1;
    await expectSameStep({ compiled, oracle }, modelOf(spec, 60_000), spec.training, new Minibatches(await digits(rows), [28, 28, 1], rows, 1).at(0));
  });

  // The larger network takes the same steps, tested above; that one method learns with it is enough.
  it.each(preset === 'lenet' ? methods : methods.slice(0, 1))('learns drawn digits: $id', async (method) => {
    const rows = 100;
    const epochs = preset === 'lenet' ? 4 : 3;
    const spec = specOf(preset, method, { epochs, validateEvery: epochs, batchSize: 10, seed: 1 });
    const data = await digits(rows);
    const recorder = new Recorder();
    await train({
      model: modelOf(spec, rows),
      device: compiled,
      training: spec.training,
      data: { train: data, validation: data, ySd: 1 },
      from: null,
      control: () => 'run',
      listener: recorder,
    });
    const nll = recorder.steps.map(({ values }) => values[0]!);
    const mean = (part: readonly number[]) => part.reduce((a, b) => a + b) / part.length;
    expect(mean(nll.slice(0, 3))).toBeGreaterThan(2); // log 10 is 2.3
    expect(mean(nll.slice(-10))).toBeLessThan(1.3);
  });
});
