/**
 * @file The safetensors format: [u64 header length][JSON header, padded with spaces to 8 bytes][tensor bytes], little-endian.
 * @see https://github.com/huggingface/safetensors#format
 */
import { z } from 'zod';
import { WorkbenchError } from '../contract/errors';
import { fromFloat16, toFloat16 } from './float16';

/** A tensor in host memory; row-major. */
export type StoredTensor =
  | { readonly dtype: 'float32'; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly dtype: 'int32'; readonly shape: readonly number[]; readonly data: Int32Array };
export type StoredTensors = { readonly [name: string]: StoredTensor };

const widths = { F32: 4, F16: 2, I32: 4 };
const metadataKey = '__metadata__';

const Entry = z.object({ dtype: z.enum(['F32', 'F16', 'I32']), shape: z.array(z.int().min(0)), data_offsets: z.tuple([z.int().min(0), z.int().min(0)]) });
const Header = z.object({ [metadataKey]: z.record(z.string(), z.string()).default({}) }).catchall(Entry);

type Precision = 'float32' | 'float16';

/** Encodes tensors, in their order, with string metadata; floats in the given precision, of all or of each. */
export function encodeSafetensors(
  tensors: StoredTensors,
  metadata: Readonly<Record<string, string>> = {},
  precision: Precision | ((name: string) => Precision) = 'float32',
): Uint8Array<ArrayBuffer> {
  let end = 0;
  const header: Record<string, unknown> = { [metadataKey]: metadata };
  const parts: (Float32Array | Uint16Array | Int32Array)[] = [];
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    const isHalf = dtype === 'float32' && (typeof precision === 'string' ? precision : precision(name)) === 'float16';
    const part = isHalf ? toFloat16(data) : data;
    header[name] = { dtype: dtype === 'int32' ? 'I32' : isHalf ? 'F16' : 'F32', shape, data_offsets: [end, (end += part.byteLength)] };
    parts.push(part);
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = 8 + Math.ceil(text.byteLength / 8) * 8;
  const bytes = new Uint8Array(start + end).fill(0x20, 8, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(text, 8);
  let offset = start;
  for (const data of parts) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

/**
 * Decodes a file made by `encodeSafetensors` or by any other writer of F32, F16 and I32 tensors; halves become float32. The tensors are copies.
 * @throws WorkbenchError `invalid-file`
 */
export function decodeSafetensors(bytes: Uint8Array): { tensors: StoredTensors; metadata: Readonly<Record<string, string>> } {
  const { header, start } = readHeader(bytes);
  const { [metadataKey]: metadata, ...entries } = header;
  const tensors: Record<string, StoredTensor> = {};
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(entries as Record<string, z.output<typeof Entry>>)) {
    const [from, to] = data_offsets;
    const size = widths[dtype] * shape.reduce((product, n) => product * n, 1);
    if (to - from !== size || start + to > bytes.byteLength) {
      throw new WorkbenchError(
        'invalid-file',
        `Tensor '${name}' [${shape.join(', ')}] needs ${size} bytes; the file gives it ${Math.min(to, bytes.byteLength - start) - from}`,
      );
    }
    const { buffer } = new Uint8Array(bytes.subarray(start + from, start + to)); // Node's Buffer.slice would share memory
    tensors[name] =
      dtype === 'I32'
        ? { dtype: 'int32', shape, data: new Int32Array(buffer) }
        : { dtype: 'float32', shape, data: dtype === 'F32' ? new Float32Array(buffer) : fromFloat16(new Uint16Array(buffer)) };
  }
  return { tensors, metadata };
}

function readHeader(bytes: Uint8Array): { header: z.output<typeof Header>; start: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.byteLength < 8 ? -1 : Number(view.getBigUint64(0, true));
  if (length < 2 || 8 + length > bytes.byteLength)
    throw new WorkbenchError('invalid-file', `Not a safetensors file: ${bytes.byteLength} bytes are too few for its header`);
  try {
    return { header: Header.parse(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))), start: 8 + length };
  } catch (cause) {
    throw new WorkbenchError('invalid-file', 'Not a safetensors file of F32, F16 and I32 tensors: its header cannot be read', { cause });
  }
}
