/** @file How a kernel that can be compiled is tested, forward and backward: ONNX Runtime and the float64 interpreter against TF.js, and gradients against finite differences. */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDevice } from '../backends';
import type { Device } from '../backends/device';
import { float32, type HostTensors, int32, specsOf } from '../numerics/host-tensor';
import type { Batch, Step } from '../numerics/step';
import { evaluate } from './evaluate';
import { sizeOf, type Shape } from './graph';
import { trace } from './trace';

export type Operand = { readonly shape: Shape; readonly range?: readonly [number, number]; readonly values?: readonly number[]; readonly dtype?: 'int32' };
export interface Case {
  readonly f: (...x: tf.Tensor[]) => tf.Tensor;
  readonly operands: readonly Operand[];
  /** Whether its gradient by all float operands is tested. */
  readonly gradient: boolean;
  /** Kernels that only run backwards are looked for there. */
  readonly backward?: true;
  /** The operands lie where the function has no derivative, only TF.js's convention. */
  readonly kinks?: true;
  /** TF.js's own gradient is not the derivative; finite differences alone judge. */
  readonly wrongGradientInTfjs?: true;
}

export const from = (f: Case['f'], ...operands: (Operand | Shape)[]): Case => ({
  f,
  operands: operands.map((o) => ('shape' in o ? o : { shape: o })),
  gradient: true,
});
export const flat = (...args: Parameters<typeof from>): Case => ({ ...from(...args), gradient: false });
const wave = (n: number, [low, high]: readonly [number, number], phase: number): number[] =>
  Array.from({ length: n }, (_, i) => low + (high - low) * (0.5 + 0.5 * Math.sin(1.7 * i + phase)));
const batchOf = ({ operands }: Case): HostTensors =>
  Object.fromEntries(
    operands.map(({ shape, range = [-2, 2], values, dtype }, i) => {
      const data = values ?? wave(sizeOf(shape), range, 1 + 2.3 * i);
      return [`x${i}`, dtype === 'int32' ? int32(shape, Int32Array.from(data)) : float32(shape, Float32Array.from(data))];
    }),
  );

/** Forward value, and for differentiable cases a scalar loss with its gradients. */
const stepOf = ({ f, operands, gradient }: Case): Step => {
  const floats = operands.flatMap(({ dtype }, i) => (dtype === 'int32' ? [] : [`x${i}`]));
  return (_state, batch) => {
    const apply = (changed: Batch) => f(...operands.map((_, i) => changed[`x${i}`] ?? batch[`x${i}`]!));
    const value = apply({});
    if (!gradient) return { info: { value } };
    const loss = (...x: tf.Tensor[]): tf.Scalar => {
      const y = apply(Object.fromEntries(floats.map((name, i) => [name, x[i]!])));
      return tf.sum(tf.mul(y, tf.tensor(wave(y.size, [-1, 1], 5), y.shape)));
    };
    const inputs = floats.map((name) => batch[name]!);
    const grads = tf.grads(loss)(inputs);
    return { info: { value, loss: loss(...inputs), ...Object.fromEntries(floats.map((name, i) => [`d${name}`, grads[i]!])) } };
  };
};

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what: string): void {
  expect(actual.length, what).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!) / (1 + Math.abs(expected[i]!));
    if (!(error <= tolerance)) expect.fail(`${what}[${i}] is ${actual[i]}, expected ${expected[i]}`);
  }
}

async function run(device: Device, trial: Case): Promise<HostTensors> {
  const batch = batchOf(trial);
  const program = await device.compile(stepOf(trial), { state: {}, batch: specsOf(batch) });
  const state = device.upload({});
  const info = await program.run({ state, batch, noise: { seed: 0, step: 0 } });
  const copy = Object.fromEntries(Object.entries(info).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() } as HostTensors[string]]));
  await program.dispose();
  return copy;
}

/** Tests of every kernel in the table; a kernel's first case, or its first backward one, must run it. */
export function testKernels(cases: { readonly [kernel: string]: readonly Case[] }): void {
  let compiled: Device;
  let eager: Device;
  beforeAll(async () => {
    compiled = await openDevice(process.env['CREDENCE_DEVICE'] ?? 'onnxruntime-cpu', { threads: 1 });
    eager = await openDevice('tfjs-cpu', { threads: 1 });
  });
  afterAll(async () => {
    await compiled.close();
    await eager.close();
  });

  describe.each(Object.entries(cases))('%s', (name, trials) => {
    it('is the kernel that runs', async () => {
      const trial = trials[0]!;
      await tf.setBackend('cpu');
      const tensors = Object.fromEntries(Object.entries(batchOf(trial)).map(([key, { data, shape, dtype }]) => [key, tf.tensor(data, [...shape], dtype)]));
      const profile = await tf.profile(() => {
        stepOf(trials.find(({ backward }) => backward) ?? trial)({}, tensors, { source: { draw: () => tf.scalar(0) }, address: 0 }, {});
      });
      expect(profile.kernelNames).toContain(name);
    });

    it('computes the same compiled, eagerly and in float64', async () => {
      for (const [i, trial] of trials.entries()) {
        const [actual, expected] = [await run(compiled, trial), await run(eager, trial)];
        const batch = batchOf(trial);
        const { info } = trace(stepOf(trial), { state: {}, batch: specsOf(batch) });
        const names = Object.keys(info);
        const inputs = Object.fromEntries(Object.entries(batch).map(([key, { data }]) => [`batch:${key}`, data]));
        const exact = evaluate(Object.values(info), inputs);
        expect(Object.keys(actual)).toEqual(names);
        for (const [n, key] of names.entries()) {
          expect(actual[key]!.shape, `case ${i} ${key}`).toEqual(expected[key]!.shape);
          expect(actual[key]!.dtype, `case ${i} ${key}`).toBe(expected[key]!.dtype);
          expectClose(actual[key]!.data, exact[n]!, 2e-5, `case ${i} ${key} compiled`);
          if (!(trial.wrongGradientInTfjs && key.startsWith('dx'))) expectClose(exact[n]!, expected[key]!.data, 2e-5, `case ${i} ${key} in float64`);
        }
        if (!trial.gradient || trial.kinks) continue;
        const loss = info['loss']!;
        const h = 1e-6;
        for (const [key, { data, dtype }] of Object.entries(batch)) {
          if (dtype === 'int32') continue;
          const numeric = Array.from(data, (x, position) => {
            const at = (value: number) => evaluate([loss], { ...inputs, [`batch:${key}`]: Float64Array.from(data).with(position, value) })[0]![0]!;
            return (at(x + h) - at(x - h)) / (2 * h);
          });
          expectClose(exact[names.indexOf(`d${key}`)]!, numeric, 1e-6, `case ${i} d${key} against finite differences`);
        }
      }
    });
  });
}
