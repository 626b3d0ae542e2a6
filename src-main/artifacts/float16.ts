/** @file Half precision (IEEE 754 binary16) in files: 5 bits of exponent, 10 of fraction; largest value 65504. */

const asFloat = new Float32Array(1);
const asBits = new Uint32Array(asFloat.buffer);

/** The nearest half, ties to even; what is too large becomes infinite. */
export function toFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) halves[i] = half(values[i]!);
  return halves;
}

/** Of every half there is; made when first asked for. */
let valueOf: Float32Array | undefined;

export function fromFloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  valueOf ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => decode(bits));
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = valueOf[halves[i]!]!;
  return values;
}

function decode(bits: number): number {
  const [exponent, fraction] = [(bits >>> 10) & 31, bits & 1023];
  const size = exponent === 0 ? fraction * 2 ** -24 : exponent === 31 ? (fraction ? NaN : Infinity) : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}

function half(value: number): number {
  asFloat[0] = value;
  const bits = asBits[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00; // not a number
  if (size >= 0x47800000) return sign | 0x7c00;
  if (size < 0x38800000) {
    // Subnormal: adding ½ leaves the rounded multiple of 2⁻²⁴ in the lowest bits of the sum.
    asFloat[0] = Math.abs(value) + 0.5;
    return sign | (asBits[0]! - 0x3f000000);
  }
  // The exponent's bias changes from 127 to 15; a carry of the rounding goes into the exponent, as it should.
  return sign | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13);
}
