/** @file One step, run eagerly with the tensors of one backend of TF.js. */
import { gather, tensor, Tensor, type Scalar } from '@tensorflow/tfjs-core';
import { invariant, WorkbenchError } from '../../contract/errors';
import type { HostTensors } from '../numerics/host-tensor';
import type { NoiseKind, NoiseSource } from '../numerics/random';
import type { State, Step } from '../numerics/step';
import { flattenTree, unflattenTree } from '../numerics/tree';
import type { Program, ProgramShapes, RunInput } from './device';
import { EagerTensors, inBackend, keptCopy, toHost, toTensor } from './eager-tensors';

/** Draws as tensors of the backend that is active. */
export interface EagerNoise {
  draw(kind: NoiseKind, address: number, shape: readonly number[], at: RunInput['noise']): Tensor;
  close(): Promise<void>;
}

export interface EagerContext {
  /** The backend's name in TF.js's registry. */
  readonly runsOn: string;
  readonly noise: EagerNoise;
  /** What to tell the user of a fault within a step. */
  failure?(cause: unknown): WorkbenchError;
}

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

export class EagerProgram<S extends State> implements Pick<Program, 'run' | 'launch' | 'collect'> {
  /** Metrics of launched steps. */
  readonly #waiting: { readonly [name: string]: Tensor }[] = [];

  constructor(
    private readonly step: Step<S>,
    private readonly shapes: ProgramShapes,
    private readonly context: EagerContext,
  ) {}

  /** Tensors that wait to be collected. */
  get size(): number {
    return this.#waiting.reduce((sum, metrics) => sum + Object.keys(metrics).length, 0);
  }

  async run(input: RunInput): Promise<HostTensors> {
    return this.#guarded(() => this.#compute(input, toHost));
  }

  async launch(input: RunInput): Promise<void> {
    this.#waiting.push(await this.#guarded(() => this.#compute(input, keptCopy)));
  }

  async collect(): Promise<HostTensors[]> {
    const waiting = this.#waiting.splice(0);
    try {
      return await this.#guarded(() => waiting.map((metrics) => mapValues(metrics, toHost)));
    } finally {
      for (const metrics of waiting) Object.values(metrics).forEach((metric) => metric.dispose());
    }
  }

  /** A fault is a rejection, told as the device tells its faults. */
  async #guarded<T>(f: () => T): Promise<T> {
    await Promise.resolve();
    try {
      return inBackend(this.context.runsOn, f);
    } catch (cause) {
      const { failure } = this.context;
      throw failure && !(cause instanceof WorkbenchError) ? failure(cause) : cause;
    }
  }

  /** @param told what becomes of each metric */
  #compute<Told>({ state, batch = {}, hyper = {}, noise, resident }: RunInput, told: (metric: Tensor) => Told): { [name: string]: Told } {
    const { shapes } = this;
    invariant(state instanceof EagerTensors, 'a program runs with a state uploaded to its own device');
    const result = this.step(
      unflattenTree(Object.keys(shapes.state).map((path) => [path, state.leaf(path)] as const)) as S,
      Object.fromEntries(Object.keys(shapes.batch ?? {}).map((name) => [name, shapes.resident?.[name] ? chosenRows(name, resident) : toTensor(batch[name]!)])),
      { source: this.#source(noise), address: 0 },
      Object.fromEntries((shapes.hyper ?? []).map((name) => [name, tensor(hyper[name]!, [], 'float32') as Scalar])),
    );
    const info = mapValues(result.info, told);
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
        return this.context.noise.draw(kind, address, shape, at);
      },
    };
  }
}

function chosenRows(name: string, resident: RunInput['resident']): Tensor {
  invariant(resident?.rows instanceof EagerTensors, 'a program for resident rows runs with rows kept on its own device');
  return gather(resident.rows.leaf(name), toTensor(resident.numbers) as Parameters<typeof gather>[1]);
}

const mapValues = <From, To>(values: { readonly [name: string]: From }, f: (value: From) => To): { [name: string]: To } =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, f(value)]));
