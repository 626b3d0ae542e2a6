/** @file How an operation of TensorFlow is described, and computed by TF.js's kernels for the CPU. */
import '@tensorflow/tfjs-backend-cpu';
import {
  findBackend,
  getKernel,
  type KernelBackend,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
  type TypedArray,
} from '@tensorflow/tfjs-core';

/** TensorFlow's numbers for types of tensors and of attributes (c_api.h, tf_datatype.h). */
export const types = { float32: 1, int32: 3, bool: 10 } as const;
export const attributeTypes = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 } as const;
export type DType = keyof typeof types;
export const dtypeOf = (type: unknown): DType => {
  const found = Object.entries(types).find(([, number]) => number === type);
  if (!found) throw new Error(`no tensor of type ${String(type)} is expected here`);
  return found[0] as DType;
};

export interface Value extends TensorInfo {
  readonly dtype: DType;
}
export type Attributes = Readonly<Record<string, unknown>>;

/** One operation as TensorFlow defines it: types of inputs and output by attribute or as they are, and attributes by kind. */
export interface Operation {
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: { readonly [name: string]: keyof typeof attributeTypes | 'ints' };
  /** What the attribute T may be. */
  readonly allowed: readonly DType[];
  readonly compute: (inputs: readonly Value[], attributes: Attributes) => TensorInfo | TensorInfo[];
}

export const any: DType[] = ['float32', 'int32', 'bool'];
export const numbers: DType[] = ['float32', 'int32'];
export const floats: DType[] = ['float32'];

export interface CpuBackend extends KernelBackend {
  makeTensorInfo(shape: readonly number[], dtype: DType, values: TypedArray): TensorInfo;
  disposeIntermediateTensorInfo(info: TensorInfo): void;
  readSync(dataId: object): TypedArray;
}
export const cpu = (): CpuBackend => findBackend('cpu') as CpuBackend;

/** @param inputs by TF.js's names, or a list */
export const kernel = (name: string, inputs: object, attrs: object = {}): TensorInfo | TensorInfo[] =>
  getKernel(name, 'cpu').kernelFunc({ inputs: inputs as NamedTensorInfoMap, backend: cpu(), attrs: attrs as NamedAttrMap });

export const valuesOf = ({ dataId }: TensorInfo): number[] => Array.from(cpu().readSync(dataId));
export const T = { T: 'type' } as const;
