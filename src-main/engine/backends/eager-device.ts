/** @file Steps run eagerly by one of TF.js's own backends: nothing is compiled, and a state is that backend's tensors. */
import { cast, clone, engine, getBackend, keep, setBackend, tensor, Tensor, type Scalar } from '@tensorflow/tfjs-core';
import { invariant, WorkbenchError } from '../../contract/errors';
import { sizeOf, type HostTensor, type HostTensors, type TensorSpec, type TensorSpecs } from '../numerics/host-tensor';
import type { NoiseKind, NoiseSource } from '../numerics/random';
import type { State, Step } from '../numerics/step';
import { flattenTree, unflattenTree } from '../numerics/tree';
import type { Device, DeviceState, Program, ProgramShapes, RunInput } from './device';
import { requireSpec } from './feeds';
import { hostTensor } from './host-state';
import type { NoiseGenerator } from './noise/generator';

/** Draws as tensors of the backend that is active. */
export interface EagerNoise {
  draw(kind: NoiseKind, address: number, shape: readonly number[], at: RunInput['noise']): Tensor;
  close(): Promise<void>;
}

export interface EagerOptions extends Pick<Device, 'backend' | 'name' | 'engine' | 'threads' | 'ownNoise'> {
  /** Its name in TF.js's registry. */
  readonly runsOn: string;
  readonly noise: EagerNoise;
  readonly notes?: readonly string[];
  /** What to tell the user of a fault within a step. */
  failure?(cause: unknown): WorkbenchError;
  /** After each run; `owned` tensors belong to states. */
  afterRun?(owned: number): void;
}

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

/** The noise of all other devices, uploaded. */
export const hostNoise = (generator: NoiseGenerator): EagerNoise => ({
  draw: (kind, address, shape, at) => tensor(generator.draw(kind, address, shape, at), [...shape], 'float32'),
  close: () => generator.close(),
});

/** A backend may keep the array that a tensor is made of. */
const toTensor = ({ data, shape, dtype }: HostTensor): Tensor => tensor(data.slice(), [...shape], dtype);

/** Booleans become int32. */
const numeric = (value: Tensor): Tensor => (value.dtype === 'bool' ? cast(value, 'int32') : value);

/** Copies a tensor's values. */
function toHost(value: Tensor): HostTensor {
  const from = numeric(value);
  const spec: TensorSpec = { dtype: from.dtype as TensorSpec['dtype'], shape: from.shape };
  return hostTensor(spec, from.dataSync<'float32' | 'int32'>().slice() as HostTensor['data']);
}

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/** Each leaf is one tensor of its own, which lives until it is replaced. */
class EagerState implements DeviceState {
  readonly specs: TensorSpecs;
  readonly #leaves: Map<string, Tensor>;

  constructor(
    tensors: HostTensors,
    private readonly runsOn: string,
    private readonly onDispose: (state: EagerState) => void,
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

  /** Takes copies of the tensors: a step may give one value to two leaves. */
  replace(tensors: readonly (readonly [path: string, value: Tensor])[]): void {
    const next = tensors.map(([path, value]) => {
      const own = keep(clone(numeric(value)));
      const { shape } = this.specs[path]!;
      invariant(own.size === sizeOf(shape), `a step changes the size of ${path} to ${own.size}`);
      return [path, own] as const;
    });
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

export class EagerDevice implements Device {
  readonly backend: string;
  readonly name: string;
  readonly engine: string;
  readonly threads: number;
  readonly ownNoise: boolean;
  readonly #states = new Set<EagerState>();

  constructor(private readonly options: EagerOptions) {
    ({ backend: this.backend, name: this.name, engine: this.engine, threads: this.threads, ownNoise: this.ownNoise = false } = options);
  }

  upload(tensors: HostTensors): DeviceState {
    const state = new EagerState(tensors, this.options.runsOn, (disposed) => this.#states.delete(disposed));
    this.#states.add(state);
    return state;
  }

  compile<S extends State>(step: Step<S>, shapes: ProgramShapes): Promise<Program> {
    const { notes, runsOn, afterRun, failure } = this.options;
    return Promise.resolve({
      run: async (input) => {
        await Promise.resolve(); // a fault is a rejection
        try {
          return inBackend(runsOn, () => this.#run(step, shapes, input));
        } catch (cause) {
          throw failure && !(cause instanceof WorkbenchError) ? failure(cause) : cause;
        } finally {
          afterRun?.([...this.#states].reduce((sum, { size }) => sum + size, 0));
        }
      },
      ...(notes && { notes }),
      dispose: () => Promise.resolve(),
    });
  }

  async close(): Promise<void> {
    for (const state of this.#states) state.dispose();
    await this.options.noise.close();
  }

  #run<S extends State>(step: Step<S>, shapes: ProgramShapes, { state, batch = {}, hyper = {}, noise }: RunInput): HostTensors {
    invariant(state instanceof EagerState && this.#states.has(state), 'a program runs with a state uploaded to its own device');
    const result = step(
      unflattenTree(Object.keys(shapes.state).map((path) => [path, state.leaf(path)] as const)) as S,
      Object.fromEntries(Object.keys(shapes.batch ?? {}).map((name) => [name, toTensor(batch[name]!)])),
      { source: this.#source(noise), address: 0 },
      Object.fromEntries((shapes.hyper ?? []).map((name) => [name, tensor(hyper[name]!, [], 'float32') as Scalar])),
    );
    const info = Object.fromEntries(Object.entries(result.info).map(([name, value]) => [name, toHost(value)]));
    state.replace(flattenTree(result.state ?? {}, isTensor).filter(([path, value]) => value !== state.leaf(path)));
    return info;
  }

  #source(at: RunInput['noise']): NoiseSource {
    const drawn = new Set<number>();
    return {
      draw: (kind, address, shape) => {
        if (drawn.has(address))
          throw new WorkbenchError('unsupported', `A step draws twice from noise address ${address}; fold the key with a different label for each draw`);
        drawn.add(address);
        return this.options.noise.draw(kind, address, shape, at);
      },
    };
  }
}
