/** @file Host tensors as ONNX Runtime takes them. */
import type * as OnnxRuntime from 'onnxruntime-node';
import { invariant } from '../../contract/errors';
import { tensorOf } from '../compiler/members-apart';
import { sizeOf, type HostTensor, type TensorSpec } from '../numerics/host-tensor';
import type { ProgramShapes, RunInput } from './device';

export type Feeds = Record<string, OnnxRuntime.Tensor>;
/** A view: the values are not copied. */
export type MakeTensor = (data: HostTensor['data'], shape: readonly number[]) => OnnxRuntime.Tensor;

export const tensorsOf =
  ({ Tensor }: typeof OnnxRuntime): MakeTensor =>
  (data, shape) =>
    data instanceof Float32Array ? new Tensor('float32', data, shape) : new Tensor('int32', data, shape);

/** Adds what a graph has of the tensor `name`: all of it, its members one by one, or nothing. */
export type Bind = (feeds: Feeds, name: string, data: HostTensor['data'], shape: readonly number[]) => void;

/** @param ports names of the graph's inputs or outputs: what does not matter was left out of it. */
export function binding(ports: readonly string[], tensor: MakeTensor): Bind {
  const own = new Map<string, ({ port: string } & ReturnType<typeof tensorOf>)[]>();
  for (const port of ports) {
    const entry = { port, ...tensorOf(port) };
    own.set(entry.tensor, [...(own.get(entry.tensor) ?? []), entry]);
  }
  return (feeds, name, data, shape) => {
    for (const { port, index, members } of own.get(name) ?? []) {
      const size = data.length / members;
      feeds[port] = members === 1 ? tensor(data, shape) : tensor(data.subarray(index * size, (index + 1) * size), shape.slice(1));
    }
  };
}

/** @throws if the values are not those of such a tensor. */
export const requireSpec = (name: string, data: HostTensor['data'], { dtype, shape }: TensorSpec): void =>
  invariant(
    data.length === sizeOf(shape) && data instanceof Int32Array === (dtype === 'int32'),
    `${name} must be ${dtype} [${shape.join()}], but has ${data.length} values`,
  );

/** Batch and scalars of a run, by the names of the graph's inputs. */
export function feedsOf(shapes: ProgramShapes, { batch = {}, hyper = {} }: RunInput, bind: Bind): Feeds {
  const feeds: Feeds = {};
  const feed = (name: string, data: HostTensor['data'], spec: TensorSpec): void => {
    requireSpec(name, data, spec);
    bind(feeds, name, data, spec.shape);
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
