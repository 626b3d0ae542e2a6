/** @file How fast a device multiplies matrices: the number by which devices are compared. */
import { matMul, slice, type Tensor2D } from '@tensorflow/tfjs-core';
import { float32 } from '../numerics/host-tensor';
import type { Device } from './device';

const chain = 4; // products in one run: the next needs the one before
const shortest = 30; // ms that a run should take: shorter ones measure the way to the device
const longest = 4096;
const measured = 300; // ms in all, at least

/**
 * Single-precision matrix products through the device's own programs, the best of some runs, GFLOP/s. Matrices grow from
 * 256 × 256 until a run takes long enough to be told from what starting it takes.
 */
export async function productRate(device: Device): Promise<number> {
  for (let n = 256; ; n *= 2) {
    const best = await bestTime(device, n, n === longest);
    if (best) return (chain * 2 * n ** 3) / best / 1e6;
  }
}

/** Milliseconds; null if the matrices are too small to tell, unless they are the `last`. */
async function bestTime(device: Device, n: number, last: boolean): Promise<number | null> {
  const spec = { dtype: 'float32', shape: [n, n] } as const;
  const program = await device.compile<{ x: Tensor2D; w: Tensor2D }>(
    ({ x, w }) => {
      let product = x;
      for (let i = 0; i < chain; i++) product = matMul(product, w);
      return { state: { x: product, w }, info: { corner: slice(product, [0, 0], [1, 1]) } };
    },
    { state: { x: spec, w: spec } },
  );
  const w = new Float32Array(n * n).fill(-2 / n); // I − 2·11ᵀ/n, a reflection: however long the chain, nothing grows or vanishes
  for (let i = 0; i < n; i++) w[i * n + i]! += 1;
  const state = device.upload({ x: float32([n, n], new Float32Array(n * n).fill(1)), w: float32([n, n], w) });
  const run = async () => {
    const start = performance.now();
    await program.run({ state, noise: { seed: 0, step: 0 } });
    return performance.now() - start;
  };
  try {
    await run(); // compiles, allocates
    let best = await run();
    if (best < shortest && !last) return null;
    for (let spent = best; spent < measured;) {
      const time = await run();
      spent += time;
      best = Math.min(best, time);
    }
    return best;
  } finally {
    state.dispose();
    await program.dispose();
  }
}
