/** @file What every device must do: keep state, run steps like the float64 interpreter, refuse what it cannot do. */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isCpu } from '../../contract/device';
import { evaluate } from '../compiler/evaluate';
import { trace } from '../compiler/trace';
import { valuesAndGrad } from '../numerics/autodiff';
import { float32, type HostTensors, int32, sizeOf, specsOf } from '../numerics/host-tensor';
import { bernoulli, fold, normal } from '../numerics/random';
import type { Step } from '../numerics/step';
import { mapParams, type Params } from '../numerics/tree';
import { backends, openDevice } from '.';
import type { Device } from './device';
import { openTensorflow } from './tensorflow-gpu';
import { TensorflowStandIn } from './tensorflow/binding.testing';
import { isInstalled, tensorflow } from './tensorflow/package';

const wave = (shape: readonly number[], phase: number, scale = 1) =>
  float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => scale * Math.sin(1.3 * i + phase)),
  );

const parameters: HostTensors = { w1: wave([5, 7], 1, 0.5), b1: wave([7], 2, 0.1), w2: wave([7, 3], 3, 0.5), b2: wave([3], 4, 0.1) };
const zeros: HostTensors = Object.fromEntries(Object.entries(parameters).map(([name, { shape }]) => [name, float32(shape)]));
const under = (prefix: string, tensors: HostTensors): HostTensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix}/${name}`, tensor]));
const initial: HostTensors = { ...under('params', parameters), ...under('first', zeros), ...under('second', zeros), anchor: wave([4], 5) };
const batch: HostTensors = { x: wave([6, 5], 6), y: int32([6], Int32Array.of(0, 1, 2, 2, 1, 0)) };
const hyper = { learningRate: 0.01, decay: 0.1 };

type AdamState = { readonly params: Params; readonly first: Params; readonly second: Params; readonly anchor: tf.Tensor };

/** Cross-entropy of two layers with noisy weights and dropped units, by Adam without its bias correction. */
const adam: Step<AdamState> = ({ params, first, second, anchor }, { x, y }, key, { learningRate, decay }) => {
  const jitter = tf.mul(normal(fold(key, 'jitter'), [5, 7]), 0.1);
  const mask = bernoulli(fold(key, 'mask'), 0.8, [6, 7]);
  const { values, grads } = valuesAndGrad(
    (w) => {
      const hidden = tf.mul(tf.relu(tf.add(tf.matMul(x!, tf.add(w['w1']!, jitter)), w['b1']!)), mask);
      const logits = tf.add(tf.matMul(hidden, w['w2']!), w['b2']!);
      return {
        nll: tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(y as tf.Tensor1D, 3)), 1))) as tf.Scalar,
        penalty: tf.addN(Object.values(w).map((p) => tf.sum(tf.square(p)))) as tf.Scalar,
      };
    },
    { nll: tf.scalar(1), penalty: decay! },
    params,
  );
  const m = mapParams((_name, before, g) => tf.add(tf.mul(before, 0.9), tf.mul(g, 0.1)), first, grads);
  const v = mapParams((_name, before, g) => tf.add(tf.mul(before, 0.99), tf.mul(tf.square(g), 0.01)), second, grads);
  const next = mapParams((_name, p, a, b) => tf.sub(p, tf.mul(learningRate!, tf.div(a, tf.add(tf.sqrt(b), 1e-3)))), params, m, v);
  return {
    state: { params: next, first: m, second: v, anchor },
    info: { nll: values.nll, accuracy: tf.equal(tf.argMax(tf.matMul(mask, params['w2']!), 1), y!), jitter },
  };
};
const shapes = { state: specsOf(initial), batch: specsOf(batch), hyper: Object.keys(hyper) };

const expectClose = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what: string): void => {
  expect(actual.length, what).toBe(expected.length);
  for (let i = 0; i < expected.length; i++)
    if (!(Math.abs(actual[i]! - expected[i]!) <= tolerance * (1 + Math.abs(expected[i]!))))
      expect.fail(`${what}[${i}] is ${actual[i]}, expected ${expected[i]}`);
};

type Open = () => Promise<Device>;
const opening = (id: string): [string, Open] => [id, () => openDevice(id, { threads: 2 })];
const standIn: [string, Open] = ['tensorflow-gpu over a stand-in for its library', () => openTensorflow(new TensorflowStandIn(), { threads: 2 })];

/** A GPU is tried where CREDENCE_DEVICE names it, in a process of its own: its driver may crash. See .ci/webgpu.mjs. */
const named = process.env['CREDENCE_DEVICE'];
/** TensorFlow NOT RUN where npm has left its optional package out, because its library could not be downloaded. */
const tried = named ? [opening(named)] : [...Object.keys(backends).filter(isCpu).map(opening), ...(isInstalled() ? [standIn] : [])];

describe.each(tried)('%s', (_name, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(async () => {
    await device.close();
    if (tf.findBackend(tensorflow)) tf.removeBackend(tensorflow); // with its stand-in
  });

  it('follows the float64 interpreter through twenty steps of Adam with noise', async () => {
    const traced = trace(adam, shapes);
    const state = device.upload(initial);
    const program = await device.compile(adam, shapes);
    let exact: { [path: string]: ArrayLike<number> } = Object.fromEntries(Object.entries(initial).map(([path, { data }]) => [path, data]));
    const drawing: Step = (_state, _batch, key) => ({
      info: Object.fromEntries(traced.noise.map(({ name, kind, address, shape }) => [name, key.source.draw(kind, address, shape)])),
    });
    const draws = await device.compile(drawing, { state: {} });
    for (let step = 0; step < 20; step++) {
      const noise = { seed: 5, step };
      const drawn = Object.fromEntries(Object.entries(await draws.run({ state: device.upload({}), noise })).map(([name, { data }]) => [name, data.slice()]));
      const named = (prefix: string, values: { [name: string]: ArrayLike<number> }) =>
        Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}:${name}`, value]));
      const inputs = {
        ...named('state', exact),
        ...named('batch', Object.fromEntries(Object.entries(batch).map(([name, { data }]) => [name, data]))),
        ...named('hyper', Object.fromEntries(Object.entries(hyper).map(([name, value]) => [name, [value]]))),
        ...drawn,
      };
      const outputs = evaluate([...Object.values(traced.state), ...Object.values(traced.info)], inputs);
      const names = Object.keys(traced.state);
      exact = { ...exact, ...Object.fromEntries(names.map((path, i) => [path, outputs[i]!])) };
      const info = await program.run({ state, batch, hyper, noise });
      for (const [i, name] of Object.keys(traced.info).entries()) expectClose(info[name]!.data, outputs[names.length + i]!, 1e-4, `${name} at step ${step}`);
    }
    const final = await state.download();
    for (const [path, values] of Object.entries(exact)) expectClose(final[path]!.data, values, 2e-4, path);
    expect(final['params/w1']!.data).not.toEqual(initial['params/w1']!.data);
    expect(final['anchor']).toEqual(initial['anchor']);
    await draws.dispose();
    await program.dispose();
    state.dispose();
  });

  it('repeats itself exactly from a downloaded state', async () => {
    const program = await device.compile(adam, shapes);
    const run = async (from: HostTensors, steps: readonly number[]) => {
      const state = device.upload(from);
      for (const step of steps) await program.run({ state, batch, hyper, noise: { seed: 1, step } });
      return state.download();
    };
    const halfway = await run(initial, [0, 1, 2]);
    const copy = structuredClone(halfway);
    expect(await run(halfway, [3, 4])).toEqual(await run(initial, [0, 1, 2, 3, 4]));
    expect(halfway).toEqual(copy); // a download is not the device's memory
    await program.dispose();
  });

  it('keeps two states and two programs apart', async () => {
    const double = await device.compile((s) => ({ state: { v: tf.mul(s['v'] as tf.Tensor, 2) }, info: {} }), {
      state: { v: { dtype: 'float32', shape: [3] } },
    });
    const noisy = await device.compile((s, _batch, key) => ({ state: { v: tf.add(s['v'] as tf.Tensor, normal(key, [3])) }, info: {} }), {
      state: { v: { dtype: 'float32', shape: [3] } },
    });
    const [a, b] = [device.upload({ v: float32([3], Float32Array.of(1, 2, 3)) }), device.upload({ v: float32([3], Float32Array.of(-1, 0, 1)) })];
    for (let step = 0; step < 3; step++) {
      await double.run({ state: a, noise: { seed: 0, step } });
      await noisy.run({ state: b, noise: { seed: 0, step } });
    }
    expect([...(await a.download())['v']!.data]).toEqual([8, 16, 24]);
    expect([...(await b.download())['v']!.data]).not.toEqual([-1, 0, 1]);
    await double.dispose();
    await noisy.dispose();
  });

  it('lets leaves change places, and become copies of each other', async () => {
    const swap: Step<{ a: tf.Tensor; b: tf.Tensor; c: tf.Tensor }> = ({ a, b }) => ({ state: { a: b, b: a, c: a }, info: {} });
    const start = { a: wave([600], 1), b: wave([600], 2), c: wave([600], 3) };
    const state = device.upload(start);
    const program = await device.compile(swap, { state: state.specs });
    for (let step = 0; step < 3; step++) await program.run({ state, noise: { seed: 0, step } });
    expect(await state.download()).toEqual({ a: start.b, b: start.a, c: start.a });
    state.write({ a: start.c });
    await program.run({ state, noise: { seed: 0, step: 3 } });
    await program.dispose();
    expect(await state.download()).toEqual({ a: start.a, b: start.c, c: start.c }); // what a program leaves outlives it
    state.dispose();
  });

  it('runs in turn what is asked at once', async () => {
    const draw: Step = (_state, _batch, key) => ({ info: { z: normal(key, [300_000]) } });
    const programs = await Promise.all([0, 1].map(() => device.compile(draw, { state: {} })));
    const state = device.upload({});
    const [a, b] = await Promise.all(programs.map((program, seed) => program.run({ state, noise: { seed, step: 0 } })));
    const first = a!['z']!.data.slice();
    expect(b!['z']!.data).not.toEqual(first);
    expect((await programs[0]!.run({ state, noise: { seed: 0, step: 0 } }))['z']!.data).toEqual(first);
    for (const program of programs) await program.dispose();
  });

  it('returns an input, a constant and one value twice', async () => {
    const step: Step = (_state, { x }) => ({ info: { x: x!, again: x!, one: tf.ones([2, 2]), sum: tf.sum(x!), total: tf.sum(x!), truth: tf.greater(x!, 0) } });
    const program = await device.compile(step, { state: {}, batch: { x: { dtype: 'float32', shape: [2] }, unused: { dtype: 'float32', shape: [1] } } });
    const info = await program.run({
      state: device.upload({}),
      batch: { x: float32([2], Float32Array.of(3, -4)), unused: float32([1]) },
      noise: { seed: 0, step: 0 },
    });
    expect(Object.fromEntries(Object.entries(info).map(([name, { data }]) => [name, [...data]]))).toEqual({
      x: [3, -4],
      again: [3, -4],
      one: [1, 1, 1, 1],
      sum: [-1],
      total: [-1],
      truth: [1, 0],
    });
    expect(info['truth']!.dtype).toBe('int32');
    await program.dispose();
  });

  it('refuses to draw twice from one address', async () => {
    const step: Step = (_state, _batch, key) => ({ info: { z: tf.add(normal(key, [2]), normal(key, [2])) } });
    const attempt = async () => (await device.compile(step, { state: {} })).run({ state: device.upload({}), noise: { seed: 0, step: 0 } });
    await expect(attempt()).rejects.toMatchObject({ code: 'unsupported' });
  });
});

describe('ONNX Runtime', () => {
  it('writes results where they belong and nowhere else', async () => {
    const device = await openDevice('onnxruntime-cpu', { threads: 2 });
    const shape = [1000, 1000] as const;
    const program = await device.compile((_state, { x }) => ({ info: { one: tf.matMul(x!, x!), two: tf.matMul(x!, x!, true) } }), {
      state: {},
      batch: { x: { dtype: 'float32', shape } },
    });
    const input = { state: device.upload({}), batch: { x: float32(shape, new Float32Array(1e6).fill(0.5)) }, noise: { seed: 0, step: 0 } };
    await program.run(input);
    const before = process.memoryUsage().arrayBuffers;
    const { one, two } = await program.run(input);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4e6); // copies would be 8 MB
    expect([one!.data[0], two!.data.at(-1)]).toEqual([250, 250]);
    await device.close();
  });
});

describe('tracing', () => {
  const refuse = (step: Step) => expect(() => trace(step, { state: {}, batch: { x: { dtype: 'float32', shape: [40, 40] } } }));

  it('refuses host data, reads of values, foreign tensors and unknown operations', () => {
    refuse(() => ({ info: { z: tf.randomNormal([40, 40]) } })).toThrow(/1600 host values of shape \[40, 40\]/);
    refuse((_state, { x }) => ({ info: { z: x!.dataSync()[0]! > 0 ? x! : tf.neg(x!) } })).toThrow(/reads the value/);
    refuse((_state, { x }) => ({ info: { z: tf.atan(x!) } })).toThrow(/Atan cannot be compiled/);
    void tf.setBackend('cpu');
    const outside = tf.tensor1d([1, 2, 3]);
    refuse(() => ({ info: { z: tf.neg(outside) } })).toThrow(/made outside the step/);
    outside.dispose();
  });

  it('leaves TF.js as it was: backend and tensors', () => {
    void tf.setBackend('cpu');
    const before = tf.memory().numTensors;
    trace(adam, shapes);
    expect(tf.getBackend()).toBe('cpu');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('never materialises broadcasts, transposes or constants of the size of a weight', () => {
    const { state } = trace(adam, shapes);
    const seen = new Set<string>();
    const visit = (node: (typeof state)[string]): void => {
      seen.add(node.op);
      node.inputs.forEach(visit);
    };
    Object.values(state).forEach(visit);
    expect([...seen]).toEqual(expect.arrayContaining(['matMul', 'relu', 'sqrt']));
    for (const op of ['expand', 'transpose', 'concat', 'slice']) expect([...seen]).not.toContain(op);
  });
});

describe('openDevice', () => {
  it('names the devices there are', async () => {
    await expect(openDevice('abacus', { threads: 1 })).rejects.toThrow(
      /no device 'abacus'; choose auto or one of onnxruntime-cpu, onnxruntime-webgpu, onnxruntime-cuda, tensorflow-gpu, tfjs-cpu/,
    );
  });
});
