/** @file Steps that are kept: what comes out of a store computes the same bits, and nothing is found that was not asked for. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { float32, type HostTensors, specsOf } from '../numerics/host-tensor';
import { fold, normal } from '../numerics/random';
import type { Step } from '../numerics/step';
import { openDevice } from '.';
import type { ProgramShapes } from './device';
import { rememberPrograms, type ProgramStore } from './program-store';

const [rows, inputs, units] = [3, 70, 60]; // large enough for fused passes before and after the core
const wave = (shape: readonly number[], phase: number) =>
  float32(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1.3 * i + phase)),
  );
const initial: HostTensors = { mean: wave([inputs, units], 1), spread: wave([inputs, units], 2), small: wave([2], 3) };
const batch = { x: wave([rows, inputs], 4) };
const shapes = { state: specsOf(initial), batch: specsOf(batch), hyper: ['rate', 'decay'] } satisfies ProgramShapes;

/** Fused passes with noise, sums and scalars of the schedule; a core; constants that JSON cannot carry. */
function makeStep() {
  let traces = 0;
  const step: Step<{ mean: tf.Tensor; spread: tf.Tensor; small: tf.Tensor }> = ({ mean, spread, small }, { x }, key, { rate, decay }) => {
    traces++;
    const w = tf.add(mean, tf.mul(tf.softplus(spread), normal(fold(key, 'w'), [inputs, units])));
    const gradient = tf.matMul(x!, tf.tanh(tf.matMul(x!, w)), true);
    const next = tf.sub(mean, tf.mul(tf.mul(rate!, tf.exp(decay!)), gradient));
    const odd = tf.add(small, tf.where(tf.greater(small, 0), tf.tensor([NaN, 1]), tf.tensor([-0, -Infinity])));
    return { state: { mean: next, spread: tf.mul(spread, decay!), small }, info: { norm: tf.sum(tf.square(w)), odd, noise: normal(fold(key, 'b'), [2]) } };
  };
  return { step, traces: () => traces };
}

async function run(programs: ProgramStore, { step, identity, fusion = true }: { step: Step; identity?: string; fusion?: boolean }) {
  const device = await openDevice('onnxruntime-cpu', { threads: 1, programs, fusion });
  const program = await device.compile(step, shapes, identity);
  const state = device.upload(initial);
  const infos: number[][] = [];
  for (let i = 0; i < 2; i++) {
    const info = await program.run({ state, batch, hyper: { rate: 0.1, decay: 0.9 }, noise: { seed: 7, step: i } });
    infos.push(Object.values(info).flatMap(({ data }) => [...data]));
  }
  const last = await state.download();
  await device.close();
  return { infos, last };
}

describe('a compiled step', () => {
  it('does the same bits from a store as freshly traced, and is traced once', async () => {
    const programs = rememberPrograms();
    const { step, traces } = makeStep();
    const first = await run(programs, { step, identity: 'a step' });
    expect(await run(programs, { step, identity: 'a step' })).toEqual(first);
    expect(traces()).toBe(1);
    expect(await run(rememberPrograms(), { step, identity: 'a step' })).toEqual(first);
    expect(first.infos[0]).toContainEqual(NaN);
  });

  // Mutation caught: a key without the identity, the shapes or the kind of device.
  it('is found under its own identity, shapes and fusion only', async () => {
    const programs = rememberPrograms();
    const { step, traces } = makeStep();
    await run(programs, { step, identity: 'a step' });
    await run(programs, { step, identity: 'another' });
    await run(programs, { step, identity: 'a step', fusion: false });
    expect(traces()).toBe(3);
    const device = await openDevice('onnxruntime-cpu', { threads: 1, programs });
    await device.compile(step, { ...shapes, batch: specsOf({ x: wave([2, inputs], 4) }) }, 'a step');
    await device.close();
    expect(traces()).toBe(4);
  });

  it('without an identity is never kept', async () => {
    const { step, traces } = makeStep();
    const programs = rememberPrograms();
    await run(programs, { step });
    await run(programs, { step });
    expect(traces()).toBe(2);
  });
});

describe('rememberPrograms', () => {
  it('forgets what was not used for longest, and asks the store behind it only then', async () => {
    const asked: string[] = [];
    const behind = new Map<string, Uint8Array>();
    const programs = rememberPrograms(
      {
        async get(key) {
          asked.push(key);
          return behind.get(key);
        },
        async put(key, bytes) {
          behind.set(key, bytes);
        },
      },
      2,
    );
    for (const key of ['a', 'b']) await programs.put(key, Uint8Array.of(key.charCodeAt(0)));
    await programs.get('a');
    await programs.put('c', Uint8Array.of(99));
    expect(asked).toEqual([]);
    for (const key of ['a', 'b', 'c']) expect([...(await programs.get(key))!]).toEqual([key.charCodeAt(0)]);
    expect(asked).toEqual(['b', 'c']); // 'b' was forgotten; reading it pushed out 'c'
    expect(await programs.get('d')).toBeUndefined();
  });
});

// Mutation caught: a stored step that has lost what the log should say of it.
it('says what the device passes over by itself, stored or not', async () => {
  const wide = { state: { w: { dtype: 'float32', shape: [300, 300] } } } as const;
  const step: Step<{ w: tf.Tensor }> = ({ w }) => ({ state: { w: tf.matMul(tf.erf(w), w) }, info: {} });
  const programs = rememberPrograms();
  for (const fusion of [true, true, false]) {
    const device = await openDevice('onnxruntime-cpu', { threads: 1, programs, fusion });
    const { notes } = await device.compile(step, wide, 'erf');
    expect(notes).toEqual([expect.stringMatching(fusion ? /erf has no kernel/ : /switched off/)]);
    await device.close();
  }
});

// The core changes `mean`, which a pass after it reads: caught when the new values took the place of the old too early.
it('reads the state as it was before the step, in the passes after the core too', async () => {
  const step: Step<{ mean: tf.Tensor; spread: tf.Tensor; small: tf.Tensor }> = ({ mean, spread, small }, { x }) => {
    const next = tf.add(tf.matMul(x!, tf.matMul(x!, mean), true), mean);
    return { state: { mean: next, spread: tf.add(spread, tf.mul(mean, mean)), small }, info: { largest: tf.max(next) } };
  };
  const [fused, plain] = [await run(rememberPrograms(), { step }), await run(rememberPrograms(), { step, fusion: false })];
  expect(fused.last['spread']!.data).toEqual(plain.last['spread']!.data);
  expect(fused.infos).toEqual(plain.infos);
});
