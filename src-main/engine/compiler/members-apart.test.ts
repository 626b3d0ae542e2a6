/** @file Members one by one: the same values as side by side, in views of the same memory. */
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { openDevice } from '../backends';
import { float32, type HostTensors, specsOf } from '../numerics/host-tensor';
import type { Step } from '../numerics/step';
import { evaluate } from './evaluate';
import { is, reachable, sizeOf, type Node, type Shape } from './graph';
import { membersApart, tensorOf } from './members-apart';
import { trace } from './trace';

const wave = (shape: Shape, phase: number) =>
  float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1.7 * i + phase)),
  );
/** Entry `index` of the leading axis. */
const member = (tensors: HostTensors, index: number): HostTensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => {
      const size = data.length / shape[0]!;
      return [name, float32(shape.slice(1), Float32Array.from(data.subarray(index * size, (index + 1) * size)))];
    }),
  );

/** Values of a graph's outputs by name; those that are members of one tensor are put side by side. */
function valuesOf(graphs: { readonly [name: string]: Node }, inputs: { readonly [name: string]: ArrayLike<number> }): Record<string, number[]> {
  const given = Object.fromEntries(
    reachable(Object.values(graphs)).flatMap((node) => {
      if (!is(node, 'input')) return [];
      const { tensor, index } = tensorOf(node.attributes.name);
      const size = sizeOf(node.shape);
      return [[node.attributes.name, Array.from(inputs[tensor]!).slice(index * size, (index + 1) * size)]];
    }),
  );
  const values: Record<string, number[]> = {};
  evaluate(Object.values(graphs), given).forEach((own, i) => (values[tensorOf(Object.keys(graphs)[i]!).tensor] ??= []).push(...own));
  return values;
}

// Mutations caught: a member's neighbour, a broadcast axis that is cut, a reduction over another axis, a sum over members that is left out.
it('computes what the members give side by side', () => {
  const [members, rows, inputs, units] = [3, 4, 6, 5];
  const state = { w: wave([members, inputs, units], 1), v: wave([members, units, 2], 2), b: wave([members, units], 3) };
  const batch = { x: wave([members, rows, inputs], 4), shared: wave([rows, inputs], 5), scale: wave([1, rows, units], 6), row: wave([units], 7) };
  const step: Step<{ w: tf.Tensor; v: tf.Tensor; b: tf.Tensor }> = ({ w, v, b }, { x, shared, scale, row }) => {
    const all = tf.broadcastTo(shared!, [members, rows, inputs]);
    const hidden = tf.relu(tf.add(tf.matMul(tf.add(x!, shared!), w), tf.expandDims(b, 1)));
    const product = tf.mul(tf.add(hidden, tf.matMul(all, w)), tf.mul(scale!, row!));
    const out = tf.where(tf.greater(tf.matMul(product, v), 0), tf.sum(product, 2, true), 1);
    const back = tf.matMul(all, tf.mul(product, tf.mean(hidden, 1, true)), true);
    return {
      state: { w: tf.sub(w, back), v: tf.matMul(product, out, true), b: tf.sum(product, 1) },
      info: { total: tf.sum(product), most: tf.max(out, 0), product, flat: tf.reshape(product, [members * rows, units]) },
    };
  };
  const traced = trace(step, { state: specsOf(state), batch: specsOf(batch) });
  const graphs = {
    ...Object.fromEntries(Object.entries(traced.state).map(([name, node]) => [`next:${name}`, node])),
    ...Object.fromEntries(Object.entries(traced.info).map(([name, node]) => [`info:${name}`, node])),
  };
  const values = Object.fromEntries([
    ...Object.entries(state).map(([name, { data }]) => [`state:${name}`, data]),
    ...Object.entries(batch).map(([name, { data }]) => [`batch:${name}`, data]),
  ]) as { [name: string]: Float32Array };
  const apart = membersApart(graphs, { product: 1, tensor: 1 });
  expect(Object.keys(apart)).toEqual([
    ...['w', 'v', 'b'].flatMap((name) => [0, 1, 2].map((i) => `next:${name}[${i}/3]`)),
    ...['total', 'most', 'product', 'flat'].map((name) => `info:${name}`),
  ]);
  expect(
    reachable(Object.values(apart))
      .filter((node) => is(node, 'matMul'))
      .map(({ shape }) => shape.length),
  ).toEqual(new Array(5 * members).fill(2));
  const [actual, expected] = [valuesOf(apart, values), valuesOf(graphs, values)];
  for (const [name, own] of Object.entries(expected)) own.forEach((value, i) => expect(actual[name]![i], name).toBeCloseTo(value, 12));
  expect(membersApart(graphs)).toBe(graphs); // nothing here is large
});

// Mutations caught: a view of another member's memory, or one that is as long as all of them.
it('gives each member of a large step the bits that it has alone', async () => {
  const [members, rows, inputs, units] = [3, 128, 128, 128];
  const device = await openDevice('onnxruntime-cpu', { threads: 2 });
  const state = { w: wave([members, inputs, units], 1), v: wave([members, units, units], 2) };
  const batch = { x: wave([members, rows, inputs], 3) };
  const step: Step<{ w: tf.Tensor; v: tf.Tensor }> = ({ w, v }, { x }, _key, { rate }) => {
    const hidden = tf.relu(tf.matMul(x!, w));
    const error = tf.matMul(hidden, v);
    const back = tf.matMul(tf.mul(error, tf.cast(tf.greater(error, 0), 'float32')), v, false, true);
    return {
      state: { w: tf.sub(w, tf.mul(rate!, tf.matMul(x!, back, true))), v: tf.sub(v, tf.mul(rate!, tf.matMul(hidden, error, true))) },
      info: { largest: tf.max(error, -1) },
    };
  };
  const run = async (initial: HostTensors, own: HostTensors) => {
    const uploaded = device.upload(initial);
    const program = await device.compile(step, { state: specsOf(initial), batch: specsOf(own), hyper: ['rate'] });
    for (const n of [0, 1]) await program.run({ state: uploaded, batch: own, hyper: { rate: 1e-4 }, noise: { seed: 1, step: n } });
    const { largest } = await program.run({ state: uploaded, batch: own, hyper: { rate: 0 }, noise: { seed: 1, step: 2 } });
    return { ...(await uploaded.download()), largest: { ...largest!, data: largest!.data.slice() } as HostTensors[string] };
  };
  const together = await run(state, batch);
  for (let i = 0; i < members; i++) {
    const own = member(together, i);
    for (const [name, { shape, data }] of Object.entries(await run(member(state, i), member(batch, i)))) {
      expect(own[name]!.shape, name).toEqual(shape);
      expect(
        data.findIndex((value, at) => value !== own[name]!.data[at]),
        `first value of ${name} that differs`,
      ).toBe(-1);
    }
  }
  await device.close();
});
