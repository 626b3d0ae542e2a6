import * as tf from '@tensorflow/tfjs-core';
import * as onnxruntime from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { float32 } from '../numerics/host-tensor';
import { normal } from '../numerics/random';
import type { Step } from '../numerics/step';
import { openDevice } from '.';
import { missingLibraries } from './native-libraries';
import { onnxruntimeCuda, openCuda } from './onnxruntime-cuda';

type Runtime = typeof onnxruntime;
type Options = onnxruntime.InferenceSession.SessionOptions;

/** ONNX Runtime whose sessions are opened by `create`. */
const runtimeWith = (create: (model: Uint8Array, options: Options) => Promise<onnxruntime.InferenceSession>): Runtime => ({
  ...onnxruntime,
  InferenceSession: { create } as Runtime['InferenceSession'],
});

it('opens every session on CUDA and runs the CPU’s steps in it, by the same passes', async () => {
  const providers: unknown[] = [];
  // The CPU's provider stands in: same models, same memory.
  const cuda = await openCuda(
    { threads: 1 },
    runtimeWith((model, { executionProviders, ...options }) => {
      providers.push(executionProviders);
      return onnxruntime.InferenceSession.create(model, { ...options, executionProviders: ['cpu'] });
    }),
  );
  const cpu = await openDevice('onnxruntime-cpu', { threads: 1 });
  const step: Step = ({ w }, { x }, key) => {
    const y = tf.matMul(x!, tf.add(w as tf.Tensor, normal(key, [60, 40])));
    return { state: { w: tf.sub(w as tf.Tensor, tf.matMul(x!, y, true)) }, info: { y } };
  };
  const [w, x] = [float32([60, 40]), float32([5, 60], new Float32Array(300).fill(0.5))];
  const results = [];
  for (const device of [cuda, cpu]) {
    const state = device.upload({ w });
    const program = await device.compile(step, { state: state.specs, batch: { x } });
    const info = await program.run({ state, batch: { x }, noise: { seed: 1, step: 2 } });
    results.push({ ...(await state.download()), y: info['y']!.data.slice() });
    await device.close();
  }
  expect(results[0]).toEqual(results[1]);
  expect(cuda).toMatchObject({ backend: 'onnxruntime-cuda', name: 'GPU – CUDA', engine: expect.stringMatching(/^onnxruntime-cuda \d/) as string });
  expect(providers).toEqual([['cuda'], ['cuda']]);
});

it('says what is missing where the provider cannot be loaded', async () => {
  const fault = new Error('CUDA failure 100: no CUDA-capable device is detected');
  const opened = openCuda(
    { threads: 1 },
    runtimeWith(() => Promise.reject(fault)),
  );
  await expect(opened).rejects.toMatchObject({ code: 'unsupported', message: expect.stringMatching(/CUDA cannot be used.*CUDA 12 and cuDNN 9/) as string });
});

it('explains its absence before anything is loaded', async () => {
  const availability = await onnxruntimeCuda.probe();
  if (!availability.available) expect(availability.reason).toMatch(/npm run install-cuda|choose GPU – WebGPU/);
});

it.runIf(process.platform === 'linux')('asks the loader for libraries', () => {
  expect(missingLibraries(['libc.so.6', 'libnothing-of-this-name.so.1'])).toEqual(['libnothing-of-this-name.so.1']);
});
