import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from './safetensors';

const tensors = {
  'mean/dense1.kernel': { dtype: 'float32', shape: [2, 3], data: Float32Array.of(1, -2.5, NaN, Infinity, 1e-38, 0) },
  order: { dtype: 'int32', shape: [2], data: Int32Array.of(-1, 2 ** 31 - 1) },
  scalar: { dtype: 'float32', shape: [], data: Float32Array.of(7) },
  none: { dtype: 'float32', shape: [0, 4], data: new Float32Array(0) },
} as const;

describe('safetensors', () => {
  it('brings back tensors and metadata, bit for bit', () => {
    const decoded = decodeSafetensors(encodeSafetensors(tensors, { step: '412' }));
    expect(decoded).toEqual({ tensors, metadata: { step: '412' } });
    expect(Object.keys(decoded.tensors)).toEqual(Object.keys(tensors));
  });

  it('is the published layout, byte for byte', () => {
    const bytes = encodeSafetensors({ a: { dtype: 'int32', shape: [1], data: Int32Array.of(258) } });
    const header = '{"__metadata__":{},"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}';
    expect(header.length % 8).toBe(0);
    expect([...bytes.subarray(0, 8)]).toEqual([header.length, 0, 0, 0, 0, 0, 0, 0]);
    expect(new TextDecoder().decode(bytes.subarray(8, 8 + header.length))).toBe(header);
    expect([...bytes.subarray(8 + header.length)]).toEqual([2, 1, 0, 0]);
  });

  // Mutation caught: `bytes.slice`, which copies a Uint8Array but not a Node Buffer, as `readFile` gives it.
  it('reads a Node Buffer', () => {
    expect(decodeSafetensors(Buffer.from(encodeSafetensors(tensors))).tensors).toEqual(tensors);
  });

  it('reads a view into a larger buffer at an odd offset', () => {
    const bytes = encodeSafetensors(tensors);
    const larger = new Uint8Array(bytes.byteLength + 3);
    larger.set(bytes, 3);
    expect(decodeSafetensors(larger.subarray(3)).tensors).toEqual(tensors);
  });

  it.each([
    ['an empty file', new Uint8Array(0)],
    ['a header longer than the file', Uint8Array.of(255, 0, 0, 0, 0, 0, 0, 0, 1)],
    ['a header that is not JSON', Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 65, 66)],
    ['a truncated file', encodeSafetensors(tensors).slice(0, -4)],
  ])('refuses %s', (_what, bytes) => {
    expect(() => decodeSafetensors(bytes)).toThrowError(expect.objectContaining({ code: 'invalid-file' }));
  });
});
