import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idxHeader, readIdx, readIdxShape } from './idx';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credence-idx-'));
});
afterAll(() => rm(folder, { recursive: true }));

const store = async (bytes: Uint8Array) => {
  const path = join(folder, 'file');
  await writeFile(path, bytes);
  return path;
};
const idx = (shape: number[], data: Uint8Array) => Buffer.concat([idxHeader(shape), data]);
const pixels = Uint8Array.from({ length: 24 }, (_, i) => i * 10);
const failure = (bytes: Uint8Array, maxBytes?: number) =>
  store(bytes)
    .then((path) => readIdx(path, { name: 'Images', ...(maxBytes && { maxBytes }) }))
    .then(
      () => 'read without an error',
      (error: { code: string; message: string }) => `${error.code} ${error.message}`,
    );

describe('readIdx', () => {
  it('writes and reads the header of the format’s description', () => {
    // Header of MNIST's test images: magic 0x00000803, then 10000, 28, 28 as big-endian 32-bit integers.
    expect(Buffer.from(idxHeader([10_000, 28, 28])).toString('hex')).toBe('00000803000027100000001c0000001c');
  });

  it.each([
    ['plain', idx([2, 3, 4], pixels)],
    ['gzip', gzipSync(idx([2, 3, 4], pixels))],
  ])('reads a %s file', async (_, bytes) => {
    const path = await store(bytes);
    expect(await readIdx(path, { name: 'Images' })).toEqual({ shape: [2, 3, 4], data: pixels });
    expect(await readIdxShape(path, { name: 'Images' })).toEqual([2, 3, 4]);
  });

  it('reads a gzip file of many chunks', async () => {
    const data = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 7919) & 255);
    const read = await readIdx(await store(gzipSync(idx([3000, 1000], data), { level: 1 })), { name: 'Images' });
    expect(Buffer.compare(read.data, data)).toBe(0);
  });

  it.each([
    ['an empty file', Buffer.alloc(0), /^invalid-file Images: the file is empty/],
    ['a file shorter than its header', idxHeader([2, 3, 4]).subarray(0, 9), /^invalid-file Images: truncated: 9 bytes are less than an IDX header/],
    ['a file of another kind', Buffer.from('\x89PNG\r\n\x1a\n and more'), /^invalid-file Images: not an IDX file: it begins with .*; choose/],
    ['another element type', Buffer.from([0, 0, 0x0d, 1, 0, 0, 0, 1, 0, 0, 0, 0]), /element type is 0x0d; only unsigned bytes/],
    ['too many dimensions', Buffer.from([0, 0, 8, 9, 0, 0, 0, 1]), /claims 9 dimensions/],
    ['no rows', idxHeader([0, 28, 28]), /0 × 28 × 28 .*there is nothing in it/],
    ['missing bytes', idx([2, 3, 4], pixels.subarray(0, 20)), /^invalid-file Images: truncated: .*2 × 3 × 4/],
    ['surplus bytes', idx([2, 3, 3], pixels), /^invalid-file Images: oversized: its header claims 2 × 3 × 3 = 18 bytes, but more follow/],
    ['missing bytes within gzip', gzipSync(idx([2, 3, 4], pixels.subarray(0, 20))), /truncated: its header claims 2 × 3 × 4 = 24 bytes, but only 20 follow/],
    ['a cut gzip stream', gzipSync(idx([2, 3, 4], pixels)).subarray(0, 30), /damaged or truncated gzip data/],
    ['a damaged gzip stream', gzipSync(idx([2, 3, 4], pixels)).fill(0xff, 12, 30), /damaged or truncated gzip data/],
    ['a header that claims what the file cannot hold', gzipSync(idxHeader([100_000, 28, 28])), /truncated: .*the file holds only 0\.000 MB compressed/],
  ])('refuses %s', async (_, bytes, message) => {
    expect(await failure(bytes)).toMatch(message);
  });

  it('refuses a header beyond the limit before it allocates', async () => {
    expect(await failure(idxHeader([0xffffffff, 0xffffffff, 0xffffffff]))).toMatch(/more than the limit of 1000 MB/);
    expect(await failure(idx([2, 3, 4], pixels), 23)).toMatch(/more than the limit/);
  });

  it('stops a gzip bomb at the size its header promised', async () => {
    const bomb = gzipSync(Buffer.concat([idxHeader([10, 28, 28]), Buffer.alloc(200_000_000)]), { level: 1 });
    const before = process.memoryUsage().rss;
    expect(await failure(bomb)).toMatch(/oversized: its header claims 10 × 28 × 28 = 7840 bytes, but more follow; it is damaged or a zip bomb/);
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000); // half of what the bomb would fill
  });

  it('can be cancelled', async () => {
    const path = await store(idx([2, 3, 4], pixels));
    await expect(readIdx(path, { name: 'Images', signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
  });
});
