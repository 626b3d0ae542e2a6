/** @file Tensors as plain host memory: what crosses between runner, device, checkpoint and worker. */

export type HostTensor =
  | { readonly dtype: 'float32'; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly dtype: 'int32'; readonly shape: readonly number[]; readonly data: Int32Array };

/** Host tensors by flat path ('mean/dense1.kernel'). */
export type HostTensors = { readonly [path: string]: HostTensor };

export interface TensorSpec {
  readonly dtype: 'float32' | 'int32';
  readonly shape: readonly number[];
}
export type TensorSpecs = { readonly [path: string]: TensorSpec };

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

export const float32 = (shape: readonly number[], data: Float32Array = new Float32Array(sizeOf(shape))): HostTensor => ({ dtype: 'float32', shape, data });
export const int32 = (shape: readonly number[], data: Int32Array = new Int32Array(sizeOf(shape))): HostTensor => ({ dtype: 'int32', shape, data });

/** Types and shapes without the values. */
export const specsOf = (tensors: HostTensors): TensorSpecs =>
  Object.fromEntries(Object.entries(tensors).map(([name, { dtype, shape }]) => [name, { dtype, shape }]));
