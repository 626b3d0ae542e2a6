import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RunSpec } from '../../contract/spec';
import { inferenceMethods, type InferenceMethodId } from '../inference';
import { float32, type HostTensors, int32, specsOf } from '../numerics/host-tensor';
import { fold, normal, uniform } from '../numerics/random';
import type { Step } from '../numerics/step';
import { buildBayesianModel, checkModel } from '../training/bayesian-model';
import { largestDifference } from '../training/first-step';
import { initialState } from '../training/initial-state';
import { openDevice } from '.';
import type { Device } from './device';
import { openTensorflow, tensorflowGpu, watchTensors } from './tensorflow-gpu';
import { TensorflowStandIn } from './tensorflow/binding.testing';
import { isInstalled, tensorflow } from './tensorflow/package';

const wave = (shape: readonly number[], phase: number) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return float32(
    shape,
    Float32Array.from({ length: size }, (_, i) => Math.sin(1.3 * i + phase)),
  );
};

const dense = [{ kind: 'flatten' }, { kind: 'dense', settings: { units: 5, activation: 'softplus' } }, { kind: 'output' }];
const convolutional = [{ kind: 'conv2d', settings: { filters: 3, stride: 2, kernelHeight: 2 } }, { kind: 'max-pool' }, ...dense];
const batch: HostTensors = { x: wave([4, 6, 6, 1], 1), y: int32([4], Int32Array.of(0, 1, 2, 2)) };

const specOf = (id: InferenceMethodId, layers: readonly object[] = dense): RunSpec =>
  RunSpec.parse({
    dataset: { id: 'waves' },
    architecture: { layers },
    likelihood: { id: 'categorical' },
    prior: { id: 'gaussian', settings: { sd: 1 } },
    method: { id, settings: id === 'bbp' ? { draws: 2, firstEpochDraws: 2 } : {} },
    training: { seed: 3 },
  });
const shape = { task: { kind: 'classification', outputs: 3 }, inputShape: [6, 6, 1], rows: 60 } as const;
const modelOf = (spec: RunSpec) => buildBayesianModel(spec, shape);

/** The state after so many steps of a method, and the last step's metrics. */
async function takeSteps(device: Device, spec: RunSpec, initial: HostTensors, steps: number, each = () => {}): Promise<HostTensors> {
  const { algorithm } = modelOf(spec);
  const { step, hyper } = algorithm.schedule({ step: 0, epoch: 0, stepInEpoch: 0, stepsPerEpoch: 10, epochs: 1 });
  const state = device.upload(initial);
  const program = await device.compile(algorithm.steps[step]!, { state: state.specs, batch: specsOf(batch), hyper: Object.keys(hyper) });
  let info: HostTensors = {};
  for (let at = 0; at < steps; at++) {
    info = await program.run({ state, batch, hyper, noise: { seed: 5, step: at } });
    each();
  }
  const after = { ...(await state.download()), ...info };
  state.dispose();
  return after;
}

// npm leaves the optional package out if its library cannot be downloaded.
const missing = isInstalled() ? '' : ' (NOT RUN: the optional package @tensorflow/tfjs-node-gpu is not installed)';

describe.skipIf(missing)(`TensorFlow by its package, whose native library is replaced${missing}`, () => {
  const standIn = new TensorflowStandIn();
  let oracle: Device;
  beforeAll(async () => {
    oracle = await openDevice('tfjs-cpu', { threads: 1 });
  });
  afterAll(async () => {
    await oracle.close();
    tf.removeBackend(tensorflow);
  });
  beforeEach(() => {
    Object.assign(standIn, { stateless: true, hasGpu: true, fault: null });
  });

  it.each(['map', 'bbp', 'sgld'] as const)('takes the same steps of %s through convolutions as the oracle, with the noise of the host', async (id) => {
    standIn.stateless = false;
    const device = await openTensorflow(standIn, { threads: 1 });
    const spec = specOf(id, convolutional);
    const initial = await initialState({ model: modelOf(spec), device: oracle, training: spec.training });
    const actual = await takeSteps(device, spec, initial, 3);
    const { size, place } = largestDifference(actual, await takeSteps(oracle, spec, initial, 3));
    expect(size, place).toBeLessThan(1e-5);
    expect(largestDifference(actual, initial).size).toBeGreaterThan(1e-3); // it has moved
    await device.close();
  });

  it.each(Object.keys(inferenceMethods) as InferenceMethodId[])('takes the first step of %s', async (id) => {
    standIn.stateless = false;
    const device = await openTensorflow(standIn, { threads: 1 });
    const spec = specOf(id);
    expect(checkModel(spec, shape)).toEqual([]);
    const initial = await initialState({ model: modelOf(spec), device: oracle, training: spec.training });
    const { size, place } = largestDifference(await takeSteps(device, spec, initial, 1), await takeSteps(oracle, spec, initial, 1));
    expect(size, place).toBeLessThan(1e-4);
    await device.close();
  });

  it('leaves no tensor behind in a hundred steps, neither in TF.js nor in TensorFlow', async () => {
    const before = [tf.memory().numTensors, standIn.getNumOfTensors()];
    const device = await openTensorflow(standIn, { threads: 1 });
    const spec = specOf('sgld');
    const initial = await initialState({ model: modelOf(spec), device: oracle, training: spec.training });
    const counts = new Set<string>();
    await takeSteps(device, spec, initial, 100, () => counts.add(`${tf.memory().numTensors} ${standIn.getNumOfTensors()}`));
    expect([...counts]).toEqual([`${before[0]! + Object.keys(initial).length} ${before[1]! + Object.keys(initial).length}`]);
    await device.close();
    expect([tf.memory().numTensors, standIn.getNumOfTensors()]).toEqual(before);
  });

  it('reads minibatches from rows in its memory, where metrics wait', async () => {
    const device = await openTensorflow(standIn, { threads: 1 });
    const rows = (await device.keepRows!({ x: wave([6, 2], 2), y: int32([6], Int32Array.of(0, 1, 2, 3, 4, 5)) }))!;
    const state = device.upload({});
    const batch = { x: { dtype: 'float32', shape: [2, 2] }, y: { dtype: 'int32', shape: [2] } } as const;
    const program = await device.compile((_state, { x, y }) => ({ info: { x: x!, y: y! } }), { state: {}, batch, resident: rows.specs });
    for (const at of [1, 4]) await program.launch!({ state, noise: { seed: 0, step: at }, resident: { rows, numbers: int32([2], Int32Array.of(at, 0)) } });
    const { data } = wave([6, 2], 2);
    const two = (at: number) => ({
      x: float32([2, 2], Float32Array.of(data[2 * at]!, data[2 * at + 1]!, data[0]!, data[1]!)),
      y: int32([2], Int32Array.of(at, 0)),
    });
    expect(await program.collect!()).toEqual([two(1), two(4)]);
    await device.close();
    expect(standIn.getNumOfTensors()).toBe(0);
  });

  it('keeps no rows that its memory has no room for', async () => {
    const device = await openTensorflow(standIn, { threads: 1 });
    const before = tf.memory().numTensors;
    standIn.fault = new Error('OOM when allocating tensor with shape[6]');
    expect(await device.keepRows!({ x: wave([6], 2) })).toBe(null);
    standIn.fault = new Error('another fault');
    await expect(device.keepRows!({ x: wave([6], 2) })).rejects.toThrow('another fault');
    expect(tf.memory().numTensors).toBe(before);
    await device.close();
  });

  it('draws noise by TensorFlow, fixed by seed, step and address', async () => {
    const device = await openTensorflow(standIn, { threads: 1 });
    expect(device.ownNoise).toBe(true);
    const step: Step = (_state, _batch, key) => ({
      info: { a: normal(fold(key, 'a'), [4000]), b: normal(fold(key, 'b'), [40, 100]), u: uniform(key, [3]), one: normal(fold(key, 'c'), []) },
    });
    const program = await device.compile(step, { state: {} });
    const draw = (seed: number, at: number) => program.run({ state: device.upload({}), noise: { seed, step: at } });
    const first = await draw(1, 2 ** 40);
    expect(await draw(1, 2 ** 40)).toEqual(first);
    for (const other of [await draw(2, 2 ** 40), await draw(1, 2 ** 40 + 1), await draw(1, 0)]) expect(other['a']!.data).not.toEqual(first['a']!.data);
    expect(first['b']!.data).not.toEqual(first['a']!.data);
    expect(first['one']!.shape).toEqual([]);
    const mean = Array.from(first['a']!.data).reduce((sum, z) => sum + z, 0) / 4000;
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(4000)); // four standard errors
    await device.close();
  });

  it('takes the noise of the host where TensorFlow has no stateless generators, and says so', async () => {
    standIn.stateless = false;
    const device = await openTensorflow(standIn, { threads: 1 });
    expect(device.ownNoise).toBe(false);
    const step: Step = (_state, _batch, key) => ({ info: { z: normal(key, [5]) } });
    const programs = await Promise.all([device, oracle].map((on) => on.compile(step, { state: {} })));
    expect(programs[0]!.notes).toEqual([expect.stringMatching(/made on the CPU.*StatelessRandomNormal/)]);
    const [a, b] = await Promise.all([device, oracle].map((on, i) => programs[i]!.run({ state: on.upload({}), noise: { seed: 1, step: 2 } })));
    expect(a).toEqual(b);
    await device.close();
  });

  it('tells of a fault within a step, keeps the state and frees the rest', async () => {
    const device = await openTensorflow(standIn, { threads: 1 });
    const state = device.upload({ v: wave([3], 0) });
    const program = await device.compile(({ v }) => ({ state: { v: tf.mul(v as tf.Tensor, 2) }, info: {} }), { state: state.specs });
    const [before] = [tf.memory().numTensors, standIn.getNumOfTensors()];
    standIn.fault = new Error('OOM when allocating tensor with shape[3]');
    await expect(program.run({ state, noise: { seed: 0, step: 0 } })).rejects.toMatchObject({
      code: 'device-failed',
      message: expect.stringMatching(/OOM.*smaller batch/) as string,
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(await state.download()).toEqual({ v: wave([3], 0) });
    await device.close();
  });

  it('refuses a TensorFlow without GPU, and says what it needs', async () => {
    standIn.hasGpu = false;
    await expect(openTensorflow(standIn, { threads: 1 })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/finds no GPU.*CUDA 11\.2/) as string,
    });
  });
});

describe('the watch over TensorFlow’s tensors', () => {
  it.each(['TF.js', 'TensorFlow'])('lets some stay, and complains of ever more in %s', (where) => {
    let more = 0;
    const count = (place: string) => 40 + (place === where ? more : 0);
    const binding = { getNumOfTensors: () => count('TensorFlow') } as TensorflowStandIn;
    const watch = watchTensors({ binding, numDataIds: () => count('TF.js') });
    for (let step = 0; step < 1000; step++) watch(40);
    more = 5;
    for (let step = 0; step < 100; step++) watch(40);
    more = 200;
    expect(() => {
      for (let step = 0; step < 100; step++) watch(40);
    }).toThrow(/keeps 200 tensors after 1200 steps and kept 0/);
  });
});

it('is a device whose absence is explained', async () => {
  const availability = await tensorflowGpu.probe();
  if (!availability.available) expect(availability.reason).toMatch(/`npm (install|rebuild .*tfjs-node-gpu)`.*CUDA 11\.2 and cuDNN 8\.1/);
});
