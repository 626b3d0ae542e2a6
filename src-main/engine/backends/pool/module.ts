/** @file The module that each thread of the pool runs: a program's kernels, and the loop that takes rows of a table. */
import { call, control, encodeModule, i32, WasmFunction, type Code } from '../../compiler/wasm/encoder';
import { normals, uniforms } from '../noise/module';

/** Places of 32-bit words at the start of the memory; `program` and `table` say what is to be done now. */
export const words = {
  generation: 0,
  nextRow: 1,
  rows: 2,
  running: 3,
  stop: 4,
  seed: 5,
  stepLow: 6,
  stepHigh: 7,
  program: 8,
  table: 9,
  failed: 10,
  count: 16,
} as const;

/** A row: which function, and its parameters. Noise: pointer, number of values, address, first block. A kernel: pointer to its arguments, number of elements, first element. */
export const rowWords = 5;
/** Where in a row the number of values stands. */
export const rowValues = 2;
export const generators = { uniform: 0, normal: 1 } as const;
/** The first kernel's number. */
export const firstKernel = 2;
export const maximumPages = 65_536;

/** Takes rows of the table until none is left; any number of threads may do so at once. */
function work(kernels: number): WasmFunction {
  const f = new WasmFunction();
  const [row, pointer] = [f.local('i32'), f.local('i32')];
  const word = (place: number): Code => i32.load(i32.const(0), 4 * place);
  const field = (place: number): Code => i32.load(pointer.get, 4 * place);
  const noiseAt = [word(words.seed), word(words.stepLow), word(words.stepHigh)];
  const functions = [
    ...Object.values(generators).map((index) => call(index, field(1), field(2), field(3), field(4), ...noiseAt)),
    ...Array.from({ length: kernels }, (_, i) => call(firstKernel + i, field(1), field(3), field(2), ...noiseAt)),
  ];
  return f.body(
    control.forever(
      row.set(i32.atomicAdd(i32.const(0), i32.const(1), 4 * words.nextRow)),
      control.leaveIf(i32.greaterOrEqualUnsigned(row.get, word(words.rows))),
      pointer.set(i32.add(word(words.table), i32.mul(row.get, i32.const(4 * rowWords)))),
      functions.reduceRight<Code>((others, own, i) => control.ifElse(i32.sub(field(0), i32.const(i)), others, own), []),
    ),
  );
}

/** Exports `work`. */
export const encodePoolModule = (kernels: readonly WasmFunction[]): Uint8Array<ArrayBuffer> =>
  encodeModule({ uniforms, normals, ...Object.fromEntries(kernels.map((kernel, i) => [`kernel${i}`, kernel])), work: work(kernels.length) }, maximumPages);
