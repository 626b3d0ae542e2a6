/** @file Runs a step once under a TF.js backend whose kernels record a graph instead of computing; TF.js's own autodiff records the backward pass. */
import {
  engine,
  getBackend,
  KernelBackend,
  registerBackend,
  registerKernel,
  setBackend,
  Tensor,
  type BackendValues,
  type DataType,
  type NamedTensorInfoMap,
  type Scalar,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import * as kernelNames from '@tensorflow/tfjs-core/dist/kernel_names';
import { invariant, WorkbenchError } from '../../contract/errors';
import type { TensorSpecs } from '../numerics/host-tensor';
import { currentPart, inPart } from '../numerics/part';
import type { Key, NoiseKind } from '../numerics/random';
import type { State, Step } from '../numerics/step';
import { flattenTree, unflattenTree } from '../numerics/tree';
import { Builder } from './builder';
import { is, sameShape, type DType, type Node, type Shape } from './graph';
import { dtypeOf, kernels, type Kernel } from './kernels';
import { windowKernels } from './window-kernels';

/** A draw of the step: what fills the graph input of this name. */
export interface NoiseInput {
  readonly name: string;
  readonly kind: NoiseKind;
  readonly address: number;
  readonly shape: Shape;
}

/** A step as graphs. Inputs are named 'state:path', 'batch:name', 'hyper:name', 'noise:address'. */
export interface TracedStep {
  /** New values of the leaves that the step changes, by path. */
  readonly state: { readonly [path: string]: Node };
  readonly info: { readonly [name: string]: Node };
  readonly noise: readonly NoiseInput[];
}

export interface StepShapes {
  readonly state: TensorSpecs;
  readonly batch?: TensorSpecs;
  readonly hyper?: readonly string[];
}

/** Host data up to this many values may be part of a step: small constants, but no data and no weights. */
const constantLimit = 1024;

/** What TF.js holds for a tensor on this backend: the node that would compute it. */
interface Traced {
  readonly node: Node;
}

/** A loop, not `every`: TF.js writes whole weights of ones and zeros, ten times faster looked through this way. */
function isUniform(values: ArrayLike<number>): boolean {
  for (let i = 1; i < values.length; i++) if (!Object.is(values[i], values[0])) return false;
  return true;
}

class TraceBackend extends KernelBackend {
  graph = new Builder();

  override write(values: BackendValues, shape: number[], dtype: DataType): Traced {
    const numbers = values as Float32Array;
    if (numbers.length > 0 && isUniform(numbers)) return { node: this.graph.fill(numbers[0]!, shape, dtypeOf(dtype)) };
    if (numbers.length <= constantLimit) return { node: this.graph.constant([...numbers], shape, dtypeOf(dtype)) };
    throw new WorkbenchError(
      'unsupported',
      `A step uses ${numbers.length} host values of shape [${shape.join(', ')}] as a constant; pass them in as state or batch, and draw noise from the step's key`,
    );
  }
  override disposeData(): boolean {
    return true;
  }
  override incRef(): void {}
  override refCount(): number {
    return 1;
  }
  override numDataIds(): number {
    return 0;
  }
  override memory() {
    return { unreliable: true };
  }
  override floatPrecision() {
    return 32 as const;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override readSync(): BackendValues {
    throw new WorkbenchError('unsupported', 'A step reads the value of a tensor; a step that is compiled cannot branch on values, use `where`');
  }
  override read(): Promise<BackendValues> {
    return Promise.resolve().then(() => this.readSync());
  }
}

const backend = new TraceBackend();
registerBackend('trace', () => backend);

const nodeOf = (name: string, { dataId, shape }: TensorInfo): Node => {
  const node = (dataId as Partial<Traced>).node;
  if (!node)
    throw new WorkbenchError('unsupported', `${name} uses a tensor of shape [${shape.join(', ')}] made outside the step; pass it in as state or batch`);
  return node;
};
const infoOf = (node: Node): TensorInfo & { dataId: Traced } => ({ dataId: { node }, shape: [...node.shape], dtype: node.dtype });

const refuse = (kernelName: string): Kernel => {
  return () => {
    const part = currentPart();
    throw new WorkbenchError(
      'unsupported',
      `The operation ${kernelName}${part ? ` in ${part}` : ''} cannot be compiled; express it by the operations of compiler/kernels, or choose a device that does not compile`,
    );
  };
};

const compiled: { readonly [kernelName: string]: Kernel } = { ...kernels, ...windowKernels };
for (const kernelName of new Set([...Object.values(kernelNames), ...Object.keys(compiled)])) {
  const kernel = compiled[kernelName] ?? refuse(kernelName);
  registerKernel({
    kernelName,
    backendName: 'trace',
    kernelFunc({ inputs, attrs }) {
      const nodes = Object.fromEntries(Object.entries(inputs as NamedTensorInfoMap).map(([name, info]) => [name, nodeOf(kernelName, info!)]));
      const result = kernel(backend.graph, nodes, attrs ?? {});
      return Array.isArray(result) ? result.map(infoOf) : infoOf(result);
    },
  });
}

// TF.js replays its tape outside of every part; each gradient is put back into the part in which its operation was recorded.
const tape = engine() as unknown as { addTapeNode(...args: unknown[]): void };
const addTapeNode = tape.addTapeNode.bind(engine());
tape.addTapeNode = (...args) => {
  addTapeNode(...args);
  const node = engine().state.activeTape?.findLast(({ outputs }) => outputs === args[2]);
  const part = currentPart();
  const gradient = node?.gradient;
  if (part && gradient) node.gradient = (dy) => inPart(part, () => gradient(dy));
};

/** Runs f with TF.js recording into a new graph, and frees all its tensors; f must be synchronous. */
function recording<T>(f: () => T): T {
  const before = getBackend();
  backend.graph = new Builder();
  void setBackend('trace'); // takes effect at once: the backend's factory is synchronous
  engine().startScope('trace');
  try {
    return f();
  } finally {
    engine().endScope();
    if (before) void setBackend(before);
  }
}

function placeholder(name: string, shape: Shape, dtype: DType): Tensor {
  return engine().makeTensorFromTensorInfo(infoOf(backend.graph.input(name, shape, dtype)), backend);
}

/**
 * The graphs of a step for given shapes.
 *
 * @throws WorkbenchError `unsupported` for an operation without a kernel here, host data of traced size, a read of values, or noise drawn twice from one address.
 */
export function trace<S extends State>(step: Step<S>, { state, batch = {}, hyper = [] }: StepShapes): TracedStep {
  return recording(() => {
    const noise = new Map<number, NoiseInput>();
    const source = {
      draw(kind: NoiseKind, address: number, shape: Shape): Tensor {
        if (noise.has(address))
          throw new WorkbenchError('unsupported', `A step draws twice from noise address ${address}; fold the key with a different label for each draw`);
        const input: NoiseInput = { name: `noise:${address}`, kind, address, shape };
        noise.set(address, input);
        return placeholder(input.name, shape, 'float32');
      },
    };
    const key: Key = { source, address: 0 };
    const tensors = (prefix: string, specs: TensorSpecs) =>
      Object.entries(specs).map(([name, { shape, dtype }]) => [name, placeholder(`${prefix}:${name}`, shape, dtype)] as const);
    const result = step(
      unflattenTree(tensors('state', state)) as S,
      Object.fromEntries(tensors('batch', batch)),
      key,
      Object.fromEntries(hyper.map((name) => [name, placeholder(`hyper:${name}`, [], 'float32') as Scalar])),
    );
    const toHost = (tensor: Tensor): Node => {
      const node = nodeOf('The result', tensor);
      return node.dtype === 'bool' ? backend.graph.cast(node, 'int32') : node;
    };
    const next = flattenTree(result.state ?? {}, (value): value is Tensor => value instanceof Tensor).map(([path, tensor]) => [path, toHost(tensor)] as const);
    if (result.state) checkState(state, next);
    const changed = next.filter(([path, node]) => !(is(node, 'input') && node.attributes.name === `state:${path}`));
    const info = Object.entries(result.info).map(([name, tensor]) => [name, toHost(tensor)] as const);
    return { state: Object.fromEntries(changed), info: Object.fromEntries(info), noise: [...noise.values()] };
  });
}

function checkState(before: TensorSpecs, after: readonly (readonly [path: string, node: Node])[]): void {
  const paths = Object.keys(before);
  invariant(
    after.length === paths.length && after.every(([path]) => path in before),
    `a step turns state ${paths.join()} into ${after.map(([path]) => path).join()}`,
  );
  for (const [path, { shape, dtype }] of after)
    invariant(sameShape(shape, before[path]!.shape) && dtype === before[path]!.dtype, `a step changes ${path} into ${dtype} [${shape.join()}]`);
}
