/** @file How fast a device multiplies matrices: the number by which devices are compared. */
import { matMul, slice, type Tensor2D } from '@tensorflow/tfjs-core';
import { float32 } from '../numerics/host-tensor';
import type { Device } from './device';

const chain = 4; // products in one run: the next needs the one before
const shortest = 30; // ms that a run should take: shorter ones measure the way to the device
const longest = 4096;

/**
 * Single-precision matrix products through the device's own programs, GFLOP/s. Matrices grow from 256 × 256 until a run
 * takes long enough to be told from what starting it takes.
 *
 * @param patience ms for each size, at least: the best run is one that nothing disturbed
 */
export async function productRate(device: Device, patience = 300): Promise<number> {
  for (let n = 256; ; n *= 2) {
    const best = await bestTime(device, n, patience);
    if (best >= shortest || n === longest) return (chain * 2 * n ** 3) / best / 1e6;
  }
}

/** Milliseconds of a chain of products [n, n]. */
async function bestTime(device: Device, n: number, patience: number): Promise<number> {
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
    let best = Infinity;
    for (let spent = 0; spent < patience;) {
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
