/** @file LeNet-5 and the small VGG train on drawn digits, and their compiled steps do what TF.js does eagerly. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunSpec } from '../../contract/spec';
import { drawnDigits } from '../../datasets/drawn-digits';
import { openDevice } from '../backends';
import type { Device } from '../backends/device';
import { presets } from '../nn/presets';
import type { HostTensors } from '../numerics/host-tensor';
import { buildBayesianModel } from './bayesian-model';
import { Minibatches } from './minibatches';
import { Recorder } from './testing';
import { initialState, train } from './train';

let folder: string;
let compiled: Device;
let oracle: Device;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credence-convolution-'));
  compiled = await openDevice('onnxruntime-cpu', { threads: 1 });
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

describe.each(['lenet', 'small-vgg'])('%s', (preset) => {
  it.each(methods)('takes the same step compiled and eagerly: $id', async (method) => {
    const spec = specOf(preset, method, { seed: 3 });
    const model = modelOf(spec, 60_000);
    const data = await digits(2);
    const batch = new Minibatches(data, [28, 28, 1], 2, 1).at(0);
    const specs = Object.fromEntries(Object.entries(batch).map(([name, { dtype, shape }]) => [name, { dtype, shape }]));
    const { step, hyper } = model.algorithm.schedule({ step: 0, epoch: 0, stepInEpoch: 0, stepsPerEpoch: 10, epochs: 1 });
    const initial = await initialState({ model, device: oracle, training: spec.training });
    const after = async (device: Device): Promise<HostTensors> => {
      const state = device.upload(initial);
      const program = await device.compile(model.algorithm.steps[step]!, { state: state.specs, batch: specs, hyper: Object.keys(hyper) });
      const info = await program.run({ state, batch, hyper, noise: { seed: 5, step: 0 } });
      const result = {
        ...(await state.download()),
        ...Object.fromEntries(Object.entries(info).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() } as HostTensors[string]])),
      };
      await program.dispose();
      state.dispose();
      return result;
    };
    const [one, other] = [await after(compiled), await after(oracle)];
    for (const [name, { data: values }] of Object.entries(one)) {
      const expected = other[name]!.data;
      for (let i = 0; i < expected.length; i++)
        if (!(Math.abs(values[i]! - expected[i]!) < 1e-4 * (1 + Math.abs(expected[i]!)))) expect.fail(`${name}[${i}] is ${values[i]}, not ${expected[i]}`);
    }
  });

  it.each(methods)('learns drawn digits: $id', async (method) => {
    const rows = 200;
    const spec = specOf(preset, method, { epochs: preset === 'lenet' ? 8 : 4, batchSize: 20, seed: 1 });
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
