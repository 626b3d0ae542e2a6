import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame } from './frames';

const message = {
  id: 3,
  output: {
    names: ['elbo', 'ü'],
    steps: Float64Array.of(1, 2),
    bytes: Uint8Array.of(9),
    empty: new Int32Array(0),
    none: null,
    values: Float32Array.of(Number.NaN, -0),
  },
};

describe('binary frames', () => {
  it('carry typed arrays bit for bit', () => expect(decodeFrame(encodeFrame(message))).toEqual(message));

  it('decode from a Node Buffer at an odd offset of its pool into arrays of their own', () => {
    const pool = Buffer.alloc(4096);
    const frame = encodeFrame(message);
    pool.set(frame, 3);
    const decoded = decodeFrame(pool.subarray(3, 3 + frame.byteLength)) as typeof message;
    pool.fill(0xff);
    expect(decoded).toEqual(message);
  });

  it('drop undefined fields, as JSON does', () => expect(decodeFrame(encodeFrame({ a: undefined, b: 1 }))).toEqual({ b: 1 }));

  it.each([
    ['an empty frame', new Uint8Array(0)],
    ['a frame cut short', encodeFrame(message).subarray(0, -8)],
    ['an unknown kind of array', encodeFrame({ $array: 'constructor', offset: 0, length: 0 })],
  ])('refuse %s', (_what, frame) => {
    let error: unknown;
    try {
      decodeFrame(frame);
    } catch (thrown) {
      error = thrown;
    }
    expect(error instanceof RangeError || error instanceof SyntaxError).toBe(true);
  });
});
