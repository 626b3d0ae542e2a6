/** @file Random numbers for the little that is computed on the host in float64; as on a device, (seed, step, label) fixes every value. */
import { philox } from './philox';
import { foldAddress } from './random';

/** Second key word: keeps this stream apart from any other use of the same seed. */
const purpose = 0x405747a1;

/** A stream of uniform numbers in (0, 1), with 53 random bits each. */
export function hostUniforms(seed: number, step: number, label: string): () => number {
  const block = new Uint32Array(4);
  const address = foldAddress(0, label);
  let drawn = 0;
  return () => {
    const at = 2 * (drawn % 2);
    if (at === 0) philox(block, drawn / 2, step >>> 0, Math.floor(step / 2 ** 32), address, seed, purpose);
    drawn++;
    return ((block[at]! >>> 5) * 2 ** 26 + (block[at + 1]! >>> 6) + 0.5) / 2 ** 53;
  };
}

/**
 * A draw of Gamma(shape, 1), shape > 0.
 * @see Marsaglia & Tsang (2000), A Simple Method for Generating Gamma Variables
 */
export function gamma(shape: number, uniform: () => number): number {
  if (shape < 1) return gamma(shape + 1, uniform) * uniform() ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()); // Box–Muller
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
