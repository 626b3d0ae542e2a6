/** @file Tensors that a backend of TF.js keeps: states, and rows of a data set. */
import { cast, clone, engine, getBackend, keep, setBackend, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { invariant } from '../../contract/errors';
import { sizeOf, type HostTensor, type HostTensors, type TensorSpec, type TensorSpecs } from '../numerics/host-tensor';
import type { DeviceState, ResidentRows } from './device';
import { requireSpec } from './feeds';
import { hostTensor } from './host-state';

/** Runs f, which must be synchronous, with TF.js computing on this backend, and frees all tensors but those kept. */
export function inBackend<T>(name: string, f: () => T): T {
  const before = getBackend();
  void setBackend(name); // takes effect at once: the backend is there
  engine().startScope('step');
  try {
    return f();
  } finally {
    engine().endScope();
    if (before) void setBackend(before);
  }
}

/** A backend may keep the array that a tensor is made of. */
export const toTensor = ({ data, shape, dtype }: HostTensor): Tensor => tensor(data.slice(), [...shape], dtype);

/** Booleans become int32. */
const numeric = (value: Tensor): Tensor => (value.dtype === 'bool' ? cast(value, 'int32') : value);

/** A tensor of its own, to be freed by hand: a step may give one value two names. */
export const keptCopy = (value: Tensor): Tensor => keep(clone(numeric(value)));

/** Copies a tensor's values. */
export function toHost(value: Tensor): HostTensor {
  const from = numeric(value);
  const spec: TensorSpec = { dtype: from.dtype as TensorSpec['dtype'], shape: from.shape };
  return hostTensor(spec, from.dataSync<'float32' | 'int32'>().slice() as HostTensor['data']);
}

/** Each leaf is one tensor of its own, which lives until it is replaced. */
export class EagerTensors implements DeviceState, ResidentRows {
  readonly specs: TensorSpecs;
  readonly #leaves: Map<string, Tensor>;

  /** @param onDispose hears when they are no more */
  constructor(
    tensors: HostTensors,
    private readonly runsOn: string,
    private readonly onDispose: (gone: EagerTensors) => void,
  ) {
    this.specs = Object.fromEntries(Object.entries(tensors).map(([path, { dtype, shape }]) => [path, { dtype, shape }]));
    this.#leaves = inBackend(runsOn, () => new Map(Object.entries(tensors).map(([path, leaf]) => [path, keep(toTensor(leaf))])));
  }

  get size(): number {
    return this.#leaves.size;
  }

  leaf(path: string): Tensor {
    const leaf = this.#leaves.get(path);
    invariant(leaf, `the state has no leaf ${path}, or was disposed of`);
    return leaf;
  }

  /** All at once: if one cannot be kept, none is replaced. */
  replace(tensors: readonly (readonly [path: string, value: Tensor])[]): void {
    for (const [path, { size }] of tensors) invariant(size === sizeOf(this.specs[path]!.shape), `a step changes the size of ${path} to ${size}`);
    const next = tensors.map(([path, value]) => [path, keptCopy(value)] as const);
    for (const [path, own] of next) {
      this.leaf(path).dispose();
      this.#leaves.set(path, own);
    }
  }

  download(paths: Iterable<string> = this.#leaves.keys()): Promise<HostTensors> {
    return Promise.resolve(inBackend(this.runsOn, () => Object.fromEntries([...paths].map((path) => [path, toHost(this.leaf(path))]))));
  }

  write(leaves: HostTensors): void {
    for (const [path, { data }] of Object.entries(leaves)) requireSpec(path, data, this.specs[this.leaf(path) && path]!);
    inBackend(this.runsOn, () => this.replace(Object.entries(leaves).map(([path, leaf]) => [path, toTensor(leaf)])));
  }

  dispose(): void {
    for (const leaf of this.#leaves.values()) leaf.dispose();
    this.#leaves.clear();
    this.onDispose(this);
  }
}
