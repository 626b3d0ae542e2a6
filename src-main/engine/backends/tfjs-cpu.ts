/** @file Steps run eagerly by TF.js in plain JavaScript: slow, always there, the oracle that compiled devices are compared with. */
import '@tensorflow/tfjs-backend-cpu';
import { cast, enableProdMode, engine, setBackend, tensor, Tensor, version_core, type Scalar } from '@tensorflow/tfjs-core';
import { invariant, WorkbenchError } from '../../contract/errors';
import type { HostTensor, HostTensors, TensorSpec } from '../numerics/host-tensor';
import type { NoiseKind } from '../numerics/random';
import type { State, Step } from '../numerics/step';
import { flattenTree, unflattenTree } from '../numerics/tree';
import type { Backend, Device, Program, ProgramShapes, RunInput } from './device';
import { hostState, hostTensor, HostState } from './host-state';
import { openNoise, type NoiseGenerator } from './noise/generator';

// Quiet: TF.js would otherwise advertise its Node package.
enableProdMode();

const toTensor = ({ data, shape, dtype }: HostTensor): Tensor => tensor(data, [...shape], dtype);

/** Copies a tensor's values; booleans become int32. */
function toHost(value: Tensor): HostTensor {
  const numeric = value.dtype === 'bool' ? cast(value, 'int32') : value;
  const spec: TensorSpec = { dtype: numeric.dtype as TensorSpec['dtype'], shape: numeric.shape };
  return hostTensor(spec, numeric.dataSync<'float32' | 'int32'>().slice() as HostTensor['data']);
}

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

function runStep<S extends State>(
  step: Step<S>,
  generator: NoiseGenerator,
  shapes: ProgramShapes,
  { state, batch = {}, hyper = {}, noise }: RunInput,
): HostTensors {
  const leaves = hostState(state);
  const drawn = new Set<number>();
  const source = {
    draw(kind: NoiseKind, address: number, shape: readonly number[]): Tensor {
      if (drawn.has(address))
        throw new WorkbenchError('unsupported', `A step draws twice from noise address ${address}; fold the key with a different label for each draw`);
      drawn.add(address);
      return tensor(generator.draw(kind, address, shape, noise), [...shape], 'float32');
    },
  };
  const result = step(
    unflattenTree(Object.keys(shapes.state).map((path) => [path, toTensor(hostTensor(leaves.leaf(path).spec, leaves.leaf(path).current))] as const)) as S,
    Object.fromEntries(Object.keys(shapes.batch ?? {}).map((name) => [name, toTensor(batch[name]!)])),
    { source, address: 0 },
    Object.fromEntries((shapes.hyper ?? []).map((name) => [name, tensor(hyper[name]!, [], 'float32') as Scalar])),
  );
  const info = Object.fromEntries(Object.entries(result.info).map(([name, value]) => [name, toHost(value)]));
  for (const [path, value] of flattenTree(result.state ?? {}, isTensor)) {
    const leaf = leaves.leaf(path);
    const { data } = toHost(value);
    invariant(data.length === leaf.current.length, `a step changes the size of ${path} to ${data.length}`);
    leaf.current = data;
  }
  return info;
}

class TfjsCpuDevice implements Device {
  readonly backend = 'tfjs-cpu';
  readonly name = 'CPU – TensorFlow.js';
  readonly engine = `tfjs-cpu ${version_core}`;
  readonly threads = 1;

  constructor(private readonly noise: NoiseGenerator) {}

  upload(state: HostTensors): HostState {
    return new HostState(state);
  }

  compile<S extends State>(step: Step<S>, shapes: ProgramShapes): Promise<Program> {
    return Promise.resolve({
      run: async (input) => {
        await setBackend('cpu');
        engine().startScope('step');
        try {
          return runStep(step, this.noise, shapes, input);
        } finally {
          engine().endScope();
        }
      },
      dispose: () => Promise.resolve(),
    });
  }

  close(): Promise<void> {
    return this.noise.close();
  }
}

export const tfjsCpu: Backend = {
  id: 'tfjs-cpu',
  title: 'CPU – TensorFlow.js (slow reference)',
  probe: () => Promise.resolve({ available: true, name: 'CPU – TensorFlow.js' }),
  open: async () => new TfjsCpuDevice(await openNoise(1)),
};
