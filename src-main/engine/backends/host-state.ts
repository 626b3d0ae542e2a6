/** @file A state in host memory, as CPU devices keep it: two buffers for each leaf, of which one is current. */
import { invariant } from '../../contract/errors';
import { sizeOf, type HostTensor, type HostTensors, type TensorSpec, type TensorSpecs } from '../numerics/host-tensor';
import type { DeviceState } from './device';

type Data = HostTensor['data'];

/** Zeros. */
export const allocate = ({ dtype, shape }: TensorSpec): Data => (dtype === 'float32' ? new Float32Array(sizeOf(shape)) : new Int32Array(sizeOf(shape)));

export const hostTensor = ({ dtype, shape }: TensorSpec, data: Data): HostTensor => ({ dtype, shape, data }) as HostTensor;

/** Where a state's buffers come from. */
export interface Memory {
  allocate(spec: TensorSpec): Data;
  free(data: Data): void;
}

const ownMemory: Memory = { allocate, free: () => undefined };

/** One leaf: a run either updates `current` in place, or reads it and writes `next`; then they swap. */
export class Leaf {
  #next: Data | undefined;
  constructor(
    readonly spec: TensorSpec,
    public current: Data,
    private readonly memory: Memory,
  ) {}
  get next(): Data {
    return (this.#next ??= this.memory.allocate(this.spec));
  }
  swap(): void {
    [this.current, this.#next] = [this.next, this.current];
  }
  dispose(): void {
    this.memory.free(this.current);
    if (this.#next) this.memory.free(this.#next);
  }
}

export class HostState implements DeviceState {
  readonly specs: TensorSpecs;
  readonly #leaves: Map<string, Leaf>;

  /** Copies the tensors. */
  constructor(tensors: HostTensors, memory: Memory = ownMemory) {
    this.#leaves = new Map(
      Object.entries(tensors).map(([path, { dtype, shape, data }]) => {
        const own = memory.allocate({ dtype, shape });
        own.set(data);
        return [path, new Leaf({ dtype, shape }, own, memory)];
      }),
    );
    this.specs = Object.fromEntries([...this.#leaves].map(([path, { spec }]) => [path, spec]));
  }

  leaf(path: string): Leaf {
    const leaf = this.#leaves.get(path);
    invariant(leaf, `the state has no leaf ${path}, or was disposed of`);
    return leaf;
  }

  download(paths: Iterable<string> = this.#leaves.keys()): Promise<HostTensors> {
    const copy = (path: string) => [path, hostTensor(this.leaf(path).spec, this.leaf(path).current.slice())] as const;
    return Promise.resolve(Object.fromEntries([...paths].map(copy)));
  }

  write(leaves: HostTensors): void {
    for (const [path, { data, dtype }] of Object.entries(leaves)) {
      const { spec, current } = this.leaf(path);
      invariant(
        data.length === current.length && dtype === spec.dtype,
        `${path} is ${spec.dtype} [${spec.shape.join()}], but was given ${data.length} values of ${dtype}`,
      );
      current.set(data);
    }
  }

  dispose(): void {
    for (const leaf of this.#leaves.values()) leaf.dispose();
    this.#leaves.clear();
  }
}

/** @throws if a program of this device is run with another device's state. */
export function hostState(state: DeviceState): HostState {
  invariant(state instanceof HostState, 'a program runs with a state uploaded to its own device');
  return state;
}
