/** @file The time below which this machine cannot do a step's work, from the rates that it has right now. */
import { matMul } from '@tensorflow/tfjs-core';
import type { DeviceRates } from '../src-main/contract/device-rates';
import type { Device } from '../src-main/engine/backends/device';
import type { Product, Work } from '../src-main/engine/compiler/work';
import { float32 } from '../src-main/engine/numerics/host-tensor';
import { bestOf } from './timing';

export type Floor = Pick<DeviceRates, 'gflops' | 'bandwidth' | 'normals'>;

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
