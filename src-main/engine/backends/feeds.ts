/** @file Host tensors as ONNX Runtime takes them. */
import type * as OnnxRuntime from 'onnxruntime-node';
import { invariant } from '../../contract/errors';
import { sizeOf, type HostTensor, type TensorSpec } from '../numerics/host-tensor';
import type { ProgramShapes, RunInput } from './device';

export type Feeds = Record<string, OnnxRuntime.Tensor>;
/** A view: the values are not copied. */
export type MakeTensor = (data: HostTensor['data'], shape: readonly number[]) => OnnxRuntime.Tensor;

export const tensorsOf =
  ({ Tensor }: typeof OnnxRuntime): MakeTensor =>
  (data, shape) =>
    data instanceof Float32Array ? new Tensor('float32', data, shape) : new Tensor('int32', data, shape);

/** @throws if the values are not those of such a tensor. */
export const requireSpec = (name: string, data: HostTensor['data'], { dtype, shape }: TensorSpec): void =>
  invariant(
    data.length === sizeOf(shape) && data instanceof Int32Array === (dtype === 'int32'),
    `${name} must be ${dtype} [${shape.join()}], but has ${data.length} values`,
  );

/**
 * Batch and scalars of a run, by the names of the graph's inputs.
 *
 * @param needed inputs that the graph has: what does not matter was left out of it.
 */
export function feedsOf(shapes: ProgramShapes, { batch = {}, hyper = {} }: RunInput, needed: ReadonlySet<string>, tensor: MakeTensor): Feeds {
  const feeds: Feeds = {};
  const feed = (name: string, data: HostTensor['data'], spec: TensorSpec): void => {
    requireSpec(name, data, spec);
    if (needed.has(name)) feeds[name] = tensor(data, spec.shape);
  };
  for (const [name, spec] of Object.entries(shapes.batch ?? {})) {
    const given = batch[name];
    invariant(given, `the batch has no tensor ${name}`);
    feed(`batch:${name}`, given.data, spec);
  }
  for (const name of shapes.hyper ?? []) {
    const value = hyper[name];
    invariant(value !== undefined, `the scalar ${name} has no value`);
    feed(`hyper:${name}`, Float32Array.of(value), { dtype: 'float32', shape: [] });
  }
  return feeds;
}
