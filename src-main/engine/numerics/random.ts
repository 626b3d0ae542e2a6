/**
 * @file Counter-addressed randomness: (seed, step, address, offset) fixes every value.
 * A `Key` names an address; the runner decides seed and step. Under tracing a draw becomes a graph input that the
 * runner fills; eager backends read the same generator, so all of them see the same noise.
 */
import { add, cast, less, mul, type Tensor } from '@tensorflow/tfjs-core';

export type NoiseKind = 'normal' | 'uniform';

/** Where draws come from; implemented by the backends. */
export interface NoiseSource {
  /** A float32 tensor of standard normals, or of uniforms in [0, 1). Each address may be drawn from once per step. */
  draw(kind: NoiseKind, address: number, shape: readonly number[]): Tensor;
}

/** A place in the stream of random numbers. `address` is an unsigned 32-bit integer. */
export interface Key {
  readonly source: NoiseSource;
  readonly address: number;
}

/** Derives an independent key from a label or index. */
export const fold = ({ source, address }: Key, label: string | number): Key => ({ source, address: foldAddress(address, label) });

/** 32-bit FNV-1a over the parent address and the label, then a murmur finaliser. */
export function foldAddress(address: number, label: string | number): number {
  let hash = 0x811c9dc5;
  const mix = (byte: number) => (hash = Math.imul(hash ^ byte, 0x01000193));
  for (let shift = 0; shift < 32; shift += 8) mix((address >>> shift) & 255);
  for (const character of String(label)) mix(character.codePointAt(0)! & 255);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return hash >>> 0;
}

/** ε ~ N(0, 1) of the given shape. */
export const normal = (key: Key, shape: readonly number[]): Tensor => key.source.draw('normal', key.address, shape);

/** u ~ U[low, high) of the given shape. */
export function uniform(key: Key, shape: readonly number[], low = 0, high = 1): Tensor {
  const u = key.source.draw('uniform', key.address, shape);
  return low === 0 && high === 1 ? u : add(mul(u, high - low), low);
}

/** Float32 mask of ones with the given probability, else zeros. */
export const bernoulli = (key: Key, probability: number | Tensor, shape: readonly number[]): Tensor =>
  cast(less(key.source.draw('uniform', key.address, shape), probability), 'float32');
