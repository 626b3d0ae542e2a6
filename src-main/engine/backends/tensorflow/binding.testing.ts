/** @file A stand-in for the native library of @tensorflow/tfjs-node-gpu: checks each call as TensorFlow would, and computes on the CPU. */
import { Tensor, type TypedArray } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../numerics/host-tensor';
import { attributeTypes, cpu, dtypeOf, types, type Attributes, type DType, type Operation, type Value } from './operation.testing';
import { operations } from './operations.testing';
import type { TensorflowBinding } from './package';

interface GivenAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

const isOf: { readonly [kind in Operation['attributes'][string]]: (value: unknown) => boolean } = {
  type: (value) => Object.values<unknown>(types).includes(value),
  int: Number.isInteger,
  ints: (value) => Array.isArray(value) && value.every(Number.isInteger),
  float: (value) => typeof value === 'number',
  bool: (value) => typeof value === 'boolean',
  string: (value) => typeof value === 'string',
  shape: Array.isArray,
};

export class TensorflowStandIn implements TensorflowBinding {
  readonly TF_Version = '2.9.1';
  readonly TF_FLOAT = types.float32;
  readonly TF_INT32 = types.int32;
  readonly TF_BOOL = types.bool;
  readonly TF_ATTR_STRING = attributeTypes.string;
  readonly TF_ATTR_INT = attributeTypes.int;
  readonly TF_ATTR_FLOAT = attributeTypes.float;
  readonly TF_ATTR_BOOL = attributeTypes.bool;
  readonly TF_ATTR_TYPE = attributeTypes.type;
  readonly TF_ATTR_SHAPE = attributeTypes.shape;
  /** Whether it has StatelessRandomNormal and StatelessRandomUniform. */
  stateless = true;
  hasGpu = true;
  /** Throws instead of the next operation. */
  fault: Error | null = null;
  /** How often each operation was run. */
  readonly calls = new Map<string, number>();
  readonly #live = new Map<number, Value>();
  #next = 0;

  isUsingGpuDevice = (): boolean => this.hasGpu;
  getNumOfTensors = (): number => this.#live.size;

  createTensor(shape: readonly number[], type: number, values: TypedArray): number {
    const dtype = dtypeOf(type);
    if (!(values instanceof arrays[dtype])) throw new Error(`Tensor type does not match ${values.constructor.name}`);
    if (values.length !== sizeOf(shape)) throw new Error(`Shape [${shape.join()}] does not match typed-array of ${values.length}`);
    return this.#keep(cpu().makeTensorInfo(shape, dtype, values.slice()) as Value);
  }

  deleteTensor(id: number): void {
    cpu().disposeIntermediateTensorInfo(this.#value(id));
    this.#live.delete(id);
  }

  tensorDataSync(id: number): TypedArray {
    const { dataId, dtype } = this.#value(id);
    return arrays[dtype].from(cpu().readSync(dataId));
  }

  executeOp(name: string, given: readonly GivenAttribute[], ids: readonly number[], outputs: number) {
    if (this.fault) throw this.fault;
    const operation = operations[name];
    if (!operation || (!this.stateless && name.startsWith('Stateless'))) throw new Error(`Op type not registered '${name}' in binary`);
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
    const inputs = ids.map((id) => this.#value(id));
    const attributes = checkedAttributes(name, operation, given);
    checkInputs(name, operation, inputs, attributes);
    const results = [operation.compute(inputs, attributes)].flat() as Value[];
    if (results.length !== outputs) throw new Error(`${name} has ${results.length} outputs, asked for were ${outputs}`);
    const expected = typeNamed(operation.output, attributes, inputs);
    return results.map((value) => {
      if (expected && value.dtype !== expected) throw new Error(`${name} gives ${value.dtype}, not ${expected}`);
      return { id: this.#keep(value), shape: value.shape, dtype: types[value.dtype] };
    });
  }

  #value(id: number): Value {
    const value = this.#live.get(id);
    if (!value) throw new Error(`Input Tensor ID not referenced (tensor_id: ${id})`);
    return value;
  }

  #keep(value: Value): number {
    if (value instanceof Tensor) cpu().incRef(value.dataId); // some kernels give one that TF.js will free
    this.#live.set(this.#next, value);
    return this.#next++;
  }
}

function checkedAttributes(name: string, { attributes, allowed }: Operation, given: readonly GivenAttribute[]): Attributes {
  for (const { name: attribute, type, value } of given) {
    const kind = attributes[attribute];
    if (!kind) throw new Error(`NodeDef mentions attr '${attribute}' not in Op<name=${name}>`);
    if (type !== attributeTypes[kind === 'ints' ? 'int' : kind] || !isOf[kind](value))
      throw new Error(`attr '${attribute}' of ${name} is no ${kind}: ${String(value)}`);
    if (attribute === 'T' && !allowed.includes(dtypeOf(value)))
      throw new Error(`Value for attr 'T' of ${dtypeOf(value)} is not in the list of allowed values of ${name}`);
  }
  return Object.fromEntries(given.map(({ name: attribute, value }) => [attribute, value]));
}

/** A type that is fixed, or that an attribute gives; undefined where TensorFlow would infer it. */
const typeNamed = (type: string, attributes: Attributes, inputs: readonly Value[]): DType | undefined => {
  if (type in types) return type as DType;
  return type in attributes ? dtypeOf(attributes[type]) : inputs[0]?.dtype;
};

function checkInputs(name: string, { inputs: wanted }: Operation, inputs: readonly Value[], attributes: Attributes): void {
  const [first = ''] = wanted;
  const list = first.endsWith('*');
  const all = list ? [...new Array<string>(attributes['N'] as number).fill(first.slice(0, -1)), ...wanted.slice(1)] : wanted;
  if (all.length !== inputs.length) throw new Error(`${name} wants ${all.length} inputs and has ${inputs.length}`);
  for (const [i, { dtype }] of inputs.entries()) {
    const type = all[i]!;
    const expected = type in types || type in attributes ? typeNamed(type, attributes, inputs) : dtype;
    if (dtype !== expected) throw new Error(`cannot compute ${name} as input #${i} was expected to be a ${expected} tensor but is a ${dtype} tensor`);
  }
}
