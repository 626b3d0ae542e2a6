/** @file WebAssembly modules written as TypeScript expressions: no compiler is needed where Credence is installed or built. */

/** Encoded instructions. Operands come before their operator, so an expression is the concatenation of its parts. */
export type Code = readonly number[];

const unsigned = (value: number): Code => (value < 128 ? [value] : [(value & 127) | 128, ...unsigned(Math.floor(value / 128))]);
const signed = (value: number): Code => {
  const rest = value >> 7;
  const last = rest === (value & 64 ? -1 : 0);
  return last ? [value & 127] : [(value & 127) | 128, ...signed(rest)];
};
const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const name = (text: string): Code => vector(Array.from(text, (character) => [character.charCodeAt(0)]));

const plain =
  (opcode: number) =>
  (...operands: Code[]): Code => [...operands.flat(), opcode];
const simd =
  (opcode: number) =>
  (...operands: Code[]): Code => [...operands.flat(), 0xfd, ...unsigned(opcode)];
/** Alignment as log₂ bytes, then the offset. */
const address = (align: number, offset: number): Code => [align, ...unsigned(offset)];

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value | 0)],
  load: (pointer: Code, offset = 0): Code => [...pointer, 0x28, ...address(2, offset)],
  add: plain(0x6a),
  sub: plain(0x6b),
  mul: plain(0x6c),
  div: plain(0x6e),
  and: plain(0x71),
  shl: plain(0x74),
  lessUnsigned: plain(0x49),
  greaterOrEqualUnsigned: plain(0x4f),
  /** Adds atomically; the value before. */
  atomicAdd: (pointer: Code, value: Code, offset = 0): Code => [...pointer, ...value, 0xfe, 0x1e, ...address(2, offset)],
};

/** `condition ? a : b`, both computed. */
export const select = (a: Code, b: Code, condition: Code): Code => [...a, ...b, ...condition, 0x1b];

export const v128 = {
  load: (pointer: Code, offset = 0): Code => [...pointer, 0xfd, 0x00, ...address(4, offset)],
  /** One 32-bit word in every lane. */
  loadSplat: (pointer: Code, offset = 0): Code => [...pointer, 0xfd, 0x09, ...address(2, offset)],
  store: (pointer: Code, value: Code, offset = 0): Code => [...pointer, ...value, 0xfd, 0x0b, ...address(4, offset)],
  const: (lanes: Int32Array | Float32Array): Code => [0xfd, 0x0c, ...new Uint8Array(lanes.buffer)],
  xor: simd(0x51),
  not: simd(0x4d),
  and: simd(0x4e),
  or: simd(0x50),
  /** Bits of a where the mask is set, else of b. */
  bitselect: (a: Code, b: Code, mask: Code): Code => simd(0x52)(a, b, mask),
  shuffle: (a: Code, b: Code, bytes: readonly number[]): Code => [...a, ...b, 0xfd, 0x0d, ...bytes],
};

export const i32x4 = {
  splat: simd(0x11),
  shl: (a: Code, bits: number): Code => simd(0xab)(a, i32.const(bits)),
  shrSigned: (a: Code, bits: number): Code => simd(0xac)(a, i32.const(bits)),
  shrUnsigned: (a: Code, bits: number): Code => simd(0xad)(a, i32.const(bits)),
  add: simd(0xae),
  sub: simd(0xb1),
  mul: simd(0xb5),
  lessSigned: simd(0x39),
  fromFloat: simd(0xf8),
  /** 64-bit products of lanes 0, 1 and of lanes 2, 3. */
  productLow: simd(0xde),
  productHigh: simd(0xdf),
  all: (value: number): Code => v128.const(Int32Array.of(value, value, value, value)),
};

export const f32x4 = {
  abs: simd(0xe0),
  neg: simd(0xe1),
  div: simd(0xe7),
  /** NaN where an operand is. */
  min: simd(0xe8),
  max: simd(0xe9),
  /** `b < a ? b : a`, `a < b ? b : a`: one instruction; NaN where a is. */
  smaller: simd(0xea),
  larger: simd(0xeb),
  ceil: simd(0x67),
  floor: simd(0x68),
  /** Halves to even. */
  nearest: simd(0x6a),
  // All bits of a lane set where it holds, else none.
  equal: simd(0x41),
  notEqual: simd(0x42),
  less: simd(0x43),
  greater: simd(0x44),
  lessEqual: simd(0x45),
  greaterEqual: simd(0x46),
  sqrt: simd(0xe3),
  add: simd(0xe4),
  sub: simd(0xe5),
  mul: simd(0xe6),
  /** a b + c, rounded once where the processor can. */
  multiplyAdd: simd(0x105),
  /** c − a b */
  multiplySubtract: simd(0x106),
  fromSigned: simd(0xfa),
  fromUnsigned: simd(0xfb),
  all: (value: number): Code => v128.const(Float32Array.of(value, value, value, value)),
};

export const control = {
  /** Repeats the body as long as the condition at its end holds. */
  doWhile: (condition: Code, ...body: Code[]): Code => [0x03, 0x40, ...body.flat(), ...condition, 0x0d, 0, 0x0b],
  /** Repeats the body for ever; `leave` inside ends it. */
  forever: (...body: Code[]): Code => [0x02, 0x40, 0x03, 0x40, ...body.flat(), 0x0c, 0, 0x0b, 0x0b],
  /** Ends the innermost `forever`, from directly inside its body. */
  leaveIf: (condition: Code): Code => [...condition, 0x0d, 1],
  ifElse: (condition: Code, then: Code, otherwise: Code): Code => [...condition, 0x04, 0x40, ...then, 0x05, ...otherwise, 0x0b],
};

const types = { i32: 0x7f, v128: 0x7b } as const;
type ValueType = keyof typeof types;

export interface Local {
  readonly get: Code;
  set(value: Code): Code;
}

/** A function without results. Declare parameters and locals first, then its body. */
export class WasmFunction {
  readonly #locals: ValueType[] = [];
  readonly #constants = new Map<string, { local: Local; value: Code }>();
  #body: Code = [];
  #parameters = 0;

  parameters(count: number): Local[] {
    this.#parameters = count;
    return Array.from({ length: count }, () => this.local('i32'));
  }

  local(type: ValueType): Local {
    const index = unsigned(this.#locals.push(type) - 1);
    return { get: [0x20, ...index], set: (value) => [...value, 0x21, ...index] };
  }

  /** A 128-bit constant, loaded once at the start: inside a loop V8 would load it anew each time around. */
  constant(value: Code): Code {
    const key = value.join();
    const known = this.#constants.get(key) ?? { local: this.local('v128'), value };
    this.#constants.set(key, known);
    return known.local.get;
  }

  body(...code: Code[]): this {
    this.#body = code.flat();
    return this;
  }

  get type(): Code {
    return [0x60, ...vector(this.#locals.slice(0, this.#parameters).map((type) => [types[type]])), 0];
  }

  get code(): Code {
    const locals = this.#locals.slice(this.#parameters).map((type): Code => [1, types[type]]);
    const constants = [...this.#constants.values()].flatMap(({ local, value }) => local.set(value));
    const bytes = [...vector(locals), ...constants, ...this.#body, 0x0b];
    return [...unsigned(bytes.length), ...bytes];
  }
}

/** Calls the function at this place of the module. */
export const call = (index: number, ...operands: Code[]): Code => [...operands.flat(), 0x10, ...unsigned(index)];

/** Bytes of a module that exports these functions and imports the shared memory `env.memory` of up to `maximumPages` of 64 KiB. */
export function encodeModule(functions: { readonly [name: string]: WasmFunction }, maximumPages: number): Uint8Array<ArrayBuffer> {
  const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
  const list = Object.entries(functions);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(list.map(([, { type }]) => type))),
    ...section(2, vector([[...name('env'), ...name('memory'), 2, 3, ...unsigned(1), ...unsigned(maximumPages)]])),
    ...section(3, vector(list.map((_, index) => unsigned(index)))),
    ...section(7, vector(list.map(([exported], index) => [...name(exported), 0, ...unsigned(index)]))),
    ...section(10, vector(list.map(([, { code }]) => code))),
  ]);
}
