/** @file What this machine can do at best right now: the three rates that bound a training step. */
import { matMul, mul, type Tensor } from '@tensorflow/tfjs-core';
import type { Device } from '../src-main/engine/backends/device';
import { float32 } from '../src-main/engine/numerics/host-tensor';
import { normal } from '../src-main/engine/numerics/random';
import { bestOf } from './timing';
import type { Product, Work } from './work';

export interface Floor {
  /** Dense matrix products, 10⁹ floating point operations per second. */
  readonly gflops: number;
  /** Streaming memory traffic, 10⁹ bytes per second. */
  readonly bandwidth: number;
  /** Standard normals into memory, 10⁹ per second. */
  readonly normals: number;
}

/** Milliseconds below which no implementation of this work can go at these rates; its convolutions apart. */
export const floorOf = (work: Work, floor: Floor): number =>
  work.flops / floor.gflops / 1e6 + work.bytes / floor.bandwidth / 1e6 + work.normals / floor.normals / 1e6;

/**
 * Milliseconds of the matrix products that convolutions are, measured one by one with their windows laid out beforehand: a product with 6
 * columns cannot run at the rate of a square one.
 */
export async function convolutionFloor(device: Device, products: readonly Product[] = []): Promise<number> {
  let total = 0;
  for (const [count, rows, inner, columns] of products) {
    const shapes = { a: [count, rows, inner], b: [count, inner, columns] };
    const batch = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [name, float32(shape, filled(count * inner * (name === 'a' ? rows : columns)))]),
    );
    const product = await device.compile((_state, { a, b }) => ({ info: { product: matMul(a!, b!) } }), {
      state: {},
      batch: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { dtype: 'float32', shape } as const])),
    });
    const state = device.upload({});
    total += await bestOf(() => product.run({ state, batch, noise: { seed: 1, step: 0 } }));
    await product.dispose();
    state.dispose();
  }
  return total;
}

const filled = (length: number): Float32Array<ArrayBuffer> => Float32Array.from({ length }, (_, i) => (i % 7) - 3);

/** Measures the rates on the device itself, best of several rounds. */
export async function measureFloor(device: Device): Promise<Floor> {
  const n = 1536;
  const square = { dtype: 'float32', shape: [n, n] } as const;
  const product = await device.compile((_state, batch) => ({ info: { product: matMul(batch['a']!, batch['b']!) } }), {
    state: {},
    batch: { a: square, b: square },
  });
  const a = float32([n, n], filled(n * n));
  const none = device.upload({});
  const noise = { seed: 1, step: 0 };
  const gemm = await bestOf(() => product.run({ state: none, batch: { a, b: a }, noise }));

  // As many weight-sized tensors as a Bayesian network's state holds: what streams through memory in every step.
  const length = 1_440_000;
  const leaves = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`v${i}`, { dtype: 'float32', shape: [length] } as const]));
  const scale = await device.compile(
    (state, _batch, _key, hyper) => ({
      state: Object.fromEntries(Object.entries(state).map(([name, v]) => [name, mul(v as Tensor, hyper['factor']!)])),
      info: {},
    }),
    { state: leaves, hyper: ['factor'] },
  );
  const stream = device.upload(Object.fromEntries(Object.keys(leaves).map((name) => [name, float32([length], new Float32Array(length).fill(1))])));
  const copy = await bestOf(() => scale.run({ state: stream, hyper: { factor: 1.0001 }, noise }));

  // The draw is the whole program: its cost is the generator's, plus one copy of the result that is taken off again.
  const draws = 1 << 22;
  const sample = await device.compile((_state, _batch, key) => ({ state: { v: mul(normal(key, [draws]), 2) }, info: {} }), {
    state: { v: { dtype: 'float32', shape: [draws] } },
  });
  const drawn = device.upload({ v: float32([draws]) });
  let step = 0;
  const noiseTime = await bestOf(() => sample.run({ state: drawn, noise: { seed: 1, step: step++ } }));

  for (const program of [product, scale, sample]) await program.dispose();
  for (const state of [none, stream, drawn]) state.dispose();
  const bandwidth = (2 * 4 * 8 * length) / copy / 1e6;
  return { gflops: (2 * n ** 3) / gemm / 1e6, bandwidth, normals: draws / (noiseTime - (2 * 4 * draws) / bandwidth / 1e6) / 1e6 };
}
