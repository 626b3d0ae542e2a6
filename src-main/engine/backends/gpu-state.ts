/** @file A state in the memory of a GPU, and how tensors get there and back by ONNX Runtime's WebGPU provider. */
import type * as OnnxRuntime from 'onnxruntime-node';
import { invariant } from '../../contract/errors';
import { encodeModel } from '../compiler/onnx/model';
import { type HostTensor, type HostTensors, sizeOf, specsOf, type TensorSpec, type TensorSpecs } from '../numerics/host-tensor';
import type { DeviceState, ResidentRows } from './device';
import { requireSpec, tensorsOf } from './feeds';
import { hostTensor } from './host-state';

type DType = TensorSpec['dtype'];

/** Of tensors of any shape. */
const identity = (dtype: DType): Uint8Array =>
  encodeModel({
    operations: [{ type: 'Identity', inputs: ['from'], outputs: ['to'] }],
    initializers: [],
    inputs: [{ name: 'from', dtype }],
    outputs: [{ name: 'to', dtype }],
  });

/** What every session on the GPU is opened with. */
export const onGpu = {
  executionProviders: ['webgpu'],
  logSeverityLevel: 3,
  intraOpNumThreads: 1, // what falls back to the CPU is small, and waiting threads would spin
} as const satisfies OnnxRuntime.InferenceSession.SessionOptions;

/** Copies of tensors through sessions of one Identity: reading a GPU tensor by `getData` aborts the process (onnxruntime-node 1.30). */
export class Transfer {
  readonly #sessions = new Map<string, Promise<OnnxRuntime.InferenceSession>>();
  readonly tensor: ReturnType<typeof tensorsOf>;

  constructor(private readonly runtime: typeof OnnxRuntime) {
    this.tensor = tensorsOf(runtime);
  }

  toGpu(tensor: OnnxRuntime.Tensor): Promise<OnnxRuntime.Tensor> {
    return this.#copy(tensor, 'gpu-buffer');
  }

  async toHost(tensor: OnnxRuntime.Tensor): Promise<HostTensor['data']> {
    return (await this.#copy(tensor, 'cpu')).data as HostTensor['data'];
  }

  async close(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).release();
    this.#sessions.clear();
  }

  async #copy(from: OnnxRuntime.Tensor, to: 'gpu-buffer' | 'cpu'): Promise<OnnxRuntime.Tensor> {
    const dtype = from.type as DType;
    const key = `${dtype} ${to}`;
    const session = this.#sessions.get(key) ?? this.runtime.InferenceSession.create(identity(dtype), { ...onGpu, preferredOutputLocation: to });
    this.#sessions.set(key, session);
    return (await (await session).run({ from }))['to']!;
  }
}

/** Leaves lie on the host until a run leaves them on the GPU. */
export class GpuState implements DeviceState {
  readonly specs: TensorSpecs;
  readonly #leaves: Map<string, OnnxRuntime.Tensor>;

  /**
   * Copies the tensors.
   *
   * @param inTurn runs when no step does.
   */
  constructor(
    tensors: HostTensors,
    private readonly transfer: Transfer,
    private readonly inTurn: <T>(f: () => Promise<T>) => Promise<T>,
  ) {
    this.specs = specsOf(tensors);
    this.#leaves = new Map(Object.entries(tensors).map(([path, { data, shape }]) => [path, transfer.tensor(data.slice(), shape)]));
  }

  leaf(path: string): OnnxRuntime.Tensor {
    const leaf = this.#leaves.get(path);
    invariant(leaf, `the state has no leaf ${path}, or was disposed of`);
    return leaf;
  }

  /** On the GPU, where it stays. */
  async resident(path: string): Promise<OnnxRuntime.Tensor> {
    if (this.leaf(path).location === 'cpu') this.replace(path, await this.transfer.toGpu(this.leaf(path)));
    return this.leaf(path);
  }

  replace(path: string, tensor: OnnxRuntime.Tensor): void {
    this.leaf(path).dispose();
    this.#leaves.set(path, tensor);
  }

  download(paths: Iterable<string> = this.#leaves.keys()): Promise<HostTensors> {
    return this.inTurn(async () => {
      const copies: [string, HostTensor][] = [];
      for (const path of paths) {
        const leaf = this.leaf(path);
        const data = leaf.location === 'cpu' ? (leaf.data as HostTensor['data']).slice() : await this.transfer.toHost(leaf);
        copies.push([path, hostTensor(this.specs[path]!, data)]);
      }
      return Object.fromEntries(copies);
    });
  }

  write(leaves: HostTensors): void {
    for (const [path, { data, shape }] of Object.entries(leaves)) {
      this.leaf(path);
      requireSpec(path, data, this.specs[path]!);
      this.replace(path, this.transfer.tensor(data.slice(), shape));
    }
  }

  dispose(): void {
    for (const leaf of this.#leaves.values()) leaf.dispose();
    this.#leaves.clear();
  }
}

/** What a buffer may hold that programs read whole: every desktop GPU allows it, and it is enough for 60,000 colour images of 64 × 64. */
const largestBuffer = 2 ** 30;

export class GpuRows implements ResidentRows {
  private constructor(
    readonly specs: TensorSpecs,
    private readonly tensors: ReadonlyMap<string, OnnxRuntime.Tensor>,
  ) {}

  static async upload(rows: HostTensors, transfer: Transfer): Promise<GpuRows | null> {
    if (Object.values(rows).some(({ shape }) => 4 * sizeOf(shape) > largestBuffer)) return null;
    const tensors = new Map<string, OnnxRuntime.Tensor>();
    for (const [name, { data, shape }] of Object.entries(rows)) tensors.set(name, await transfer.toGpu(transfer.tensor(data, shape)));
    return new GpuRows(specsOf(rows), tensors);
  }

  /** @throws if there are no such rows. */
  tensor(name: string, spec: TensorSpec): OnnxRuntime.Tensor {
    const tensor = this.tensors.get(name);
    invariant(tensor && tensor.dims.join() === spec.shape.join() && tensor.type === spec.dtype, `the device has no rows ${name} [${spec.shape.join()}]`);
    return tensor;
  }

  dispose(): void {
    for (const tensor of this.tensors.values()) tensor.dispose();
  }
}

/** @throws if a program of the GPU is run with another device's state. */
export function gpuState(state: DeviceState): GpuState {
  invariant(state instanceof GpuState, 'a program runs with a state uploaded to its own device');
  return state;
}
