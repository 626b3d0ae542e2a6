/** @file Messages with typed arrays as one binary frame: [u32 header length][JSON header, padded to 8][buffers, each padded to 8]. Little-endian. */

const constructors = { Float64Array, Float32Array, Int32Array, Uint8Array } as const;
type ArrayKind = keyof typeof constructors;
const marker = '$array';

const pad8 = (n: number) => (n + 7) & ~7;

/** Encodes any JSON-like value whose leaves may be typed arrays. `undefined` fields are dropped, as in JSON. */
export function encodeFrame(message: unknown): Uint8Array<ArrayBuffer> {
  const arrays: { bytes: Uint8Array; offset: number }[] = [];
  let offset = 0;
  const header = JSON.stringify(message, (_key, value: unknown) => {
    if (!ArrayBuffer.isView(value)) return value;
    const kind = (Object.keys(constructors) as ArrayKind[]).find((name) => value instanceof constructors[name]);
    if (!kind) throw new TypeError(`A frame cannot carry a ${value.constructor.name}`);
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    arrays.push({ bytes, offset });
    const place = { [marker]: kind, offset, length: (value as Uint8Array).length };
    offset += pad8(bytes.byteLength);
    return place;
  });
  const text = new TextEncoder().encode(header ?? 'null');
  const start = pad8(4 + text.byteLength);
  const frame = new Uint8Array(start + offset);
  new DataView(frame.buffer).setUint32(0, text.byteLength, true);
  frame.set(text, 4);
  for (const array of arrays) frame.set(array.bytes, start + array.offset);
  return frame;
}

/** Decodes a frame; arrays are copies. @throws RangeError or SyntaxError on a malformed frame. */
export function decodeFrame(frame: Uint8Array): unknown {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const length = view.getUint32(0, true);
  const start = pad8(4 + length);
  return JSON.parse(new TextDecoder().decode(frame.subarray(4, 4 + length)), (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || !(marker in value)) return value;
    const place = value as { [marker]: ArrayKind; offset: number; length: number };
    const constructor = Object.hasOwn(constructors, place[marker]) ? constructors[place[marker]] : undefined;
    if (!constructor) throw new RangeError(`A frame cannot carry a ${String(place[marker])}`);
    const bytes = place.length * constructor.BYTES_PER_ELEMENT;
    if (start + place.offset + bytes > frame.byteLength) throw new RangeError('A frame is shorter than its header says');
    // Not frame.slice: a Node Buffer's slice shares memory.
    return new constructor(new Uint8Array(frame.subarray(start + place.offset, start + place.offset + bytes)).buffer);
  });
}
