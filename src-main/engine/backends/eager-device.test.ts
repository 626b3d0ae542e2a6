import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WorkbenchError } from '../../contract/errors';
import { float32, int32, type HostTensors } from '../numerics/host-tensor';
import { normal } from '../numerics/random';
import type { Step } from '../numerics/step';
import '.'; // TF.js's backend for the CPU, which stands for one with a memory of its own
import { EagerDevice, hostNoise } from './eager-device';
import { openNoise } from './noise/generator';

const rows = { x: float32([6], Float32Array.of(0.5, -1, 2, 3, -0.25, 4)), y: int32([6], Int32Array.of(0, 1, 2, 3, 4, 5)) };
const zero = { total: float32([]) };
const sum: Step<{ total: tf.Tensor }> = ({ total }, { x, y }, key) => ({
  state: { total: tf.add(total, tf.sum(tf.mul(x!, tf.cast(y!, 'float32')))) },
  info: { total, z: normal(key, []) },
});
const shapes = {
  state: { total: { dtype: 'float32', shape: [] } },
  batch: { x: { dtype: 'float32', shape: [2] }, y: { dtype: 'int32', shape: [2] } },
} as const;
const chosen = (i: number, j: number): HostTensors => ({
  x: float32([2], Float32Array.of(rows.x.data[i]!, rows.x.data[j]!)),
  y: int32([2], Int32Array.of(i, j)),
});

let before: number;
let device: EagerDevice;
let owned: number[];
beforeEach(async () => {
  before = tf.memory().numTensors;
  owned = [];
  device = new EagerDevice({
    ...{ backend: 'test', name: 'A test', engine: 'test 1', threads: 1, runsOn: 'cpu', apart: true },
    noise: hostNoise(await openNoise(1)),
    failure: (cause) => new WorkbenchError('device-failed', `It failed: ${(cause as Error).message}`, { cause }),
    afterStep: (count) => owned.push(count),
  });
});
afterEach(async () => {
  await device.close();
  expect(tf.memory().numTensors).toBe(before);
});

it('reads minibatches from rows that it keeps, and lets metrics wait, with the same numbers', async () => {
  const resident = (await device.keepRows!(rows))!;
  const [fed, kept] = [device.upload(zero), device.upload(zero)];
  const [plain, launched] = [await device.compile(sum, shapes), await device.compile(sum, { ...shapes, resident: resident.specs })];
  const expected: HostTensors[] = [];
  for (let at = 0; at < 3; at++) {
    const noise = { seed: 1, step: at };
    expected.push(await plain.run({ state: fed, batch: chosen(at, 5 - at), noise }));
    await launched.launch!({ state: kept, noise, resident: { rows: resident, numbers: int32([2], Int32Array.of(at, 5 - at)) } });
  }
  expect(await launched.collect!()).toEqual(expected);
  expect(await launched.collect!()).toEqual([]);
  expect(await kept.download()).toEqual(await fed.download());
});

it('counts what states, rows and waiting metrics own, and frees metrics that nobody asks for', async () => {
  const resident = (await device.keepRows!(rows))!;
  const state = device.upload(zero);
  const program = await device.compile(sum, { ...shapes, resident: resident.specs });
  const input = { state, resident: { rows: resident, numbers: int32([2], Int32Array.of(0, 1)) } };
  for (let at = 0; at < 2; at++) {
    await program.launch!({ ...input, noise: { seed: 1, step: at } });
    expect(tf.memory().numTensors - before).toBe(owned.at(-1));
  }
  expect(owned).toEqual([5, 7]); // two rows, one leaf, two metrics of each step
  await program.dispose();
  resident.dispose();
  expect(tf.memory().numTensors - before).toBe(1);
});

it('tells of a fault within a step, keeps the state and frees the rest', async () => {
  const state = device.upload(zero);
  const program = await device.compile(
    (s: { total: tf.Tensor }) => ({ state: { total: tf.add(s.total, 1) }, info: { bad: tf.matMul(tf.ones([2, 3]), tf.ones([2, 3])) } }),
    shapes,
  );
  await expect(program.run({ state, batch: chosen(0, 1), noise: { seed: 0, step: 0 } })).rejects.toMatchObject({
    code: 'device-failed',
    message: expect.stringMatching(/^It failed/) as string,
  });
  expect(await state.download()).toEqual(zero);
  expect(tf.memory().numTensors - before).toBe(1);
});

it('refuses the state and the rows of another device', async () => {
  const other = new EagerDevice({
    ...{ backend: 'other', name: 'Another', engine: 'other 1', threads: 1, runsOn: 'cpu' },
    noise: hostNoise(await openNoise(1)),
  });
  const program = await device.compile(sum, shapes);
  const foreign = { specs: shapes.state, download: () => Promise.resolve(zero), write: () => undefined, dispose: () => undefined };
  await expect(program.run({ state: foreign, batch: chosen(0, 1), noise: { seed: 0, step: 0 } })).rejects.toThrow(/its own device/);
  expect(other.keepRows).toBeUndefined();
  await other.close();
});
