/** @file Protocol Buffers wire format, as much of it as ONNX models need. */

/** Bytes of one encoded field, in pieces. */
export type Field = readonly Uint8Array[];

/** Names of tensors are ASCII by construction; UTF-8 equals it there. */
const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0) & 127);

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

const tag = (field: number, wireType: 0 | 2 | 5): Uint8Array => varint(BigInt(field * 8 + wireType));

export const integer = (field: number, value: number): Field => [tag(field, 0), varint(BigInt(value))];

export const bytes = (field: number, value: Uint8Array): Field => [tag(field, 2), varint(BigInt(value.length)), value];

export const text = (field: number, value: string): Field => bytes(field, ascii(value));

export const float = (field: number, value: number): Field => [tag(field, 5), new Uint8Array(Float32Array.of(value).buffer)];

export const message = (field: number, ...fields: readonly Field[]): Field => {
  const parts = fields.flat();
  return [tag(field, 2), varint(BigInt(parts.reduce((total, part) => total + part.length, 0))), ...parts];
};

export function join(fields: readonly Field[]): Uint8Array {
  const parts = fields.flat();
  const out = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}
