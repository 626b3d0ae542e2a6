/** @file The IDX format of MNIST (LeCun et al.), plain or gzip: big-endian header, then unsigned bytes. Files may come from anybody, so nothing in them is believed. */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { WorkbenchError } from '../contract/errors';

export interface IdxArray {
  /** [rows, …] */
  readonly shape: readonly number[];
  readonly data: Uint8Array<ArrayBuffer>;
}

export interface IdxReading {
  /** What the user calls the file, for messages. */
  readonly name: string;
  readonly signal?: AbortSignal;
  /** Largest accepted content in bytes. */
  readonly maxBytes?: number;
}

const unsignedBytes = 0x08;
/** Deflate cannot compress further (zlib's technical notes): a header that promises more lies. */
const maxCompression = 1032;
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 3 : 0)} MB`;
const invalid = (name: string, fault: string) => new WorkbenchError('invalid-file', `${name}: ${fault}`);

/** Header of an array of unsigned bytes; followed by its data it is an IDX file. */
export function idxHeader(shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(4 + 4 * shape.length);
  header.set([0, 0, unsignedBytes, shape.length]);
  const view = new DataView(header.buffer);
  shape.forEach((size, axis) => view.setUint32(4 + 4 * axis, size));
  return header;
}

/** The shape that the first bytes promise; null while they are too few to tell. */
function parseHeader(bytes: Buffer, name: string): number[] | null {
  if (bytes.length < 4) return null;
  const [zero, alsoZero, type, dimensions] = bytes as unknown as [number, number, number, number];
  if (zero !== 0 || alsoZero !== 0)
    throw invalid(
      name,
      `not an IDX file: it begins with ${bytes.toString('hex', 0, 4)} instead of 0000; choose a file such as train-images-idx3-ubyte, plain or gzip`,
    );
  if (type !== unsignedBytes) throw invalid(name, `its IDX element type is 0x${type.toString(16).padStart(2, '0')}; only unsigned bytes (0x08) are supported`);
  if (dimensions < 1 || dimensions > 4) throw invalid(name, `its IDX header claims ${dimensions} dimensions; 1 to 4 are supported`);
  if (bytes.length < 4 + 4 * dimensions) return null;
  return Array.from({ length: dimensions }, (_, axis) => bytes.readUInt32BE(4 + 4 * axis));
}

/** Checks the promised size against the limits before a byte is allocated. */
function contentBytes(shape: readonly number[], fileBytes: number, zipped: boolean, { name, maxBytes = 1e9 }: IdxReading): number {
  const bytes = shape.reduce((product, size) => product * size, 1);
  const claim = `its header claims ${shape.join(' × ')} = ${megabytes(bytes)}`;
  if (bytes === 0) throw invalid(name, `${claim}: there is nothing in it`);
  if (bytes > maxBytes) throw invalid(name, `${claim}, more than the limit of ${megabytes(maxBytes)}`);
  const available = zipped ? fileBytes * maxCompression : fileBytes - 4 - 4 * shape.length;
  if (available < bytes)
    throw invalid(
      name,
      `truncated: ${claim}, but the file holds only ${megabytes(zipped ? fileBytes : available)}${zipped ? ' compressed' : ''}; get the file again`,
    );
  return bytes;
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

/** Chunks of the decompressed file. */
async function* chunksOf(path: string, zipped: boolean, name: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  if (!zipped) return yield* file as AsyncIterable<Buffer>;
  const inflate = createGunzip({ chunkSize: 1 << 18 });
  file.on('error', (error) => inflate.destroy(error)).pipe(inflate);
  try {
    yield* inflate as AsyncIterable<Buffer>;
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))
      throw invalid(name, `damaged or truncated gzip data (${error.message}); get the file again`);
    throw error;
  } finally {
    file.destroy(); // a reader that has enough stops early
  }
}

/** The shape alone; reads no more than the beginning. */
export async function readIdxShape(path: string, reading: IdxReading): Promise<number[]> {
  let head: Buffer = Buffer.alloc(0);
  for await (const chunk of chunksOf(path, await isGzip(path), reading.name)) {
    head = Buffer.concat([head, chunk]);
    const shape = parseHeader(head, reading.name);
    if (shape) return shape;
  }
  throw invalid(reading.name, `truncated: ${head.length} bytes are less than an IDX header; get the file again`);
}

/**
 * Reads a whole file, plain or gzip, inflating as a stream that stops at the promised size.
 *
 * @throws WorkbenchError `invalid-file` for anything but an IDX file of unsigned bytes with exactly the promised content; `cancelled`.
 */
export async function readIdx(path: string, reading: IdxReading): Promise<IdxArray> {
  const { name, signal } = reading;
  const { size } = await stat(path);
  if (size === 0) throw invalid(name, 'the file is empty');
  const zipped = await isGzip(path);
  let head: Buffer = Buffer.alloc(0);
  let found: { shape: number[]; data: Uint8Array<ArrayBuffer> } | null = null;
  let filled = 0;
  for await (const chunk of chunksOf(path, zipped, name)) {
    if (signal?.aborted) throw new WorkbenchError('cancelled', `Reading ${name} was cancelled`);
    let content = chunk;
    if (!found) {
      head = Buffer.concat([head, chunk]);
      const shape = parseHeader(head, name);
      if (!shape) continue;
      found = { shape, data: new Uint8Array(contentBytes(shape, size, zipped, reading)) };
      content = head.subarray(4 + 4 * shape.length);
    }
    if (filled + content.length > found.data.length)
      throw invalid(name, `oversized: its header claims ${found.shape.join(' × ')} = ${found.data.length} bytes, but more follow; it is damaged or a zip bomb`);
    found.data.set(content, filled);
    filled += content.length;
  }
  if (!found) throw invalid(name, `truncated: ${head.length} bytes are less than an IDX header; get the file again`);
  if (filled < found.data.length)
    throw invalid(name, `truncated: its header claims ${found.shape.join(' × ')} = ${found.data.length} bytes, but only ${filled} follow; get the file again`);
  return found;
}
