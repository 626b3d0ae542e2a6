/** @file ONNX models as bytes: field numbers of onnx.proto3 (IR version 8, opset 17). */
import type { DType, Shape } from '../graph';
import { bytes, float, integer, join, message, text, type Field } from './protobuf';

export const elementTypes = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9 } as const;

/** An attribute: { i: 3 } an integer, { f: 0.5 } a float, { s: 'add' } a word, { ints: [0, 1] } a list. */
export type Attribute = { readonly i: number } | { readonly f: number } | { readonly s: string } | { readonly ints: readonly number[] };

export interface Operation {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: { readonly [name: string]: Attribute };
  /** '' is ONNX itself. */
  readonly domain?: 'com.microsoft';
}

export interface Initializer {
  readonly name: string;
  readonly dtype: keyof typeof elementTypes;
  readonly shape: Shape;
  readonly values: ArrayLike<number>;
}

export interface Port {
  readonly name: string;
  readonly dtype: DType;
  /** Any, where it is left out; an axis with a name has any length, the same for all of this name. */
  readonly shape?: readonly (number | string)[];
}

const attribute = (name: string, value: Attribute): Field => {
  const fields =
    'i' in value
      ? [integer(3, value.i), integer(20, 2)]
      : 'f' in value
        ? [float(2, value.f), integer(20, 1)]
        : 's' in value
          ? [text(4, value.s), integer(20, 3)]
          : [...value.ints.map((n) => integer(8, n)), integer(20, 7)];
  return message(5, text(1, name), ...fields);
};

const operation = ({ type, inputs, outputs, attributes = {}, domain }: Operation): Field =>
  message(
    1,
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, type),
    ...Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    text(7, domain ?? ''),
  );

function initializer({ name, dtype, shape, values }: Initializer): Field {
  const data = {
    float32: () => (values instanceof Float32Array ? values : Float32Array.from(values)),
    uint8: () => Uint8Array.from(values),
    int8: () => Int8Array.from(values),
    int32: () => Int32Array.from(values),
    int64: () => BigInt64Array.from(Array.from(values, BigInt)),
    bool: () => Uint8Array.from(values),
  }[dtype]();
  return message(
    5,
    ...shape.map((n) => integer(1, n)),
    integer(2, elementTypes[dtype]),
    text(8, name),
    bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  );
}

const port = (field: number, { name, dtype, shape }: Port): Field =>
  message(
    field,
    text(1, name),
    message(
      2,
      message(
        1,
        integer(1, elementTypes[dtype]),
        ...(shape ? [message(2, ...shape.map((n) => message(1, typeof n === 'string' ? text(2, n) : integer(1, n))))] : []),
      ),
    ),
  );

/**
 * A sequence, declared as the first output. Besides writing outputs where it is told to, onnxruntime-node 1.30 copies each of them, in
 * order, into an array that nobody has asked for: a quarter of a large step's time. A sequence it cannot turn into an array; it gives up there.
 */
export const uncopied = { output: 'uncopied', message: 'Non tensor type is temporarily not supported.' };

const sequence = (name: string): Field =>
  message(12, text(1, name), message(2, message(4, message(1, message(1, integer(1, elementTypes.float32), message(2))))));

const zero: Initializer = { name: 'zero', dtype: 'float32', shape: [], values: [0] };

/** ModelProto. Operations in an order in which every input is known. `uncopied`: see there. */
export const encodeModel = (graph: {
  operations: readonly Operation[];
  initializers: readonly Initializer[];
  inputs: readonly Port[];
  outputs: readonly Port[];
  uncopied?: boolean;
}): Uint8Array =>
  join([
    integer(1, 8),
    text(2, 'credence'),
    message(
      7,
      ...(graph.uncopied ? [operation({ type: 'SequenceConstruct', inputs: [zero.name], outputs: [uncopied.output] })] : []),
      ...graph.operations.map(operation),
      text(2, 'step'),
      ...[...(graph.uncopied ? [zero] : []), ...graph.initializers].map(initializer),
      ...graph.inputs.map((input) => port(11, input)),
      ...(graph.uncopied ? [sequence(uncopied.output)] : []),
      ...graph.outputs.map((output) => port(12, output)),
    ),
    message(8, text(1, ''), integer(2, 17)),
    message(8, text(1, 'com.microsoft'), integer(2, 1)),
  ]);
