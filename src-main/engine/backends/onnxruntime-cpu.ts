/** @file Compiled steps on the CPU by ONNX Runtime: the default everywhere. */
import * as ort from 'onnxruntime-node';
import { WorkbenchError } from '../../contract/errors';
import { lower } from '../compiler/onnx/lower';
import { trace } from '../compiler/trace';
import { sizeOf, type HostTensor, type HostTensors, type TensorSpec } from '../numerics/host-tensor';
import type { State, Step } from '../numerics/step';
import type { Backend, Device, Program, ProgramShapes, RunInput } from './device';
import { hostState, hostTensor, HostState } from './device-state';
import { openNoise, type NoiseGenerator, type NoiseProgram } from './noise/generator';

const toOrt = (data: HostTensor['data'], shape: readonly number[]): ort.Tensor =>
  data instanceof Float32Array ? new ort.Tensor('float32', data, shape) : new ort.Tensor('int32', data, shape);

/** Float32Array or Int32Array of the given length. */
const allocate = ({ dtype, shape }: TensorSpec): HostTensor['data'] => (dtype === 'float32' ? new Float32Array(sizeOf(shape)) : new Int32Array(sizeOf(shape)));

class OnnxProgram implements Program {
  readonly #session: ort.InferenceSession;
  readonly #inputs: ReadonlySet<string>;
  readonly #stateInputs: readonly string[];
  readonly #changed: readonly string[];
  readonly #info: { readonly [name: string]: { readonly host: HostTensor; readonly tensor: ort.Tensor } };
  readonly #noise: NoiseProgram;
  readonly #noiseTensors: { readonly [name: string]: ort.Tensor };
  readonly #hyper: { readonly [name: string]: { readonly data: Float32Array; readonly tensor: ort.Tensor } };

  constructor(
    session: ort.InferenceSession,
    { state, batch = {}, hyper = [] }: ProgramShapes,
    changed: readonly string[],
    info: { readonly [name: string]: TensorSpec },
    noise: NoiseProgram,
  ) {
    this.#session = session;
    this.#inputs = new Set(session.inputNames);
    this.#stateInputs = Object.keys(state).filter((path) => this.#inputs.has(`state:${path}`));
    this.#changed = changed;
    this.#noise = noise;
    this.#batch = Object.entries(batch).filter(([name]) => this.#inputs.has(`batch:${name}`));
    this.#noiseTensors = Object.fromEntries(noise.outputs.map(({ name, shape, data }) => [name, toOrt(data, shape)]));
    this.#info = Object.fromEntries(
      Object.entries(info).map(([name, spec]) => {
        const data = allocate(spec);
        return [`info:${name}`, { host: hostTensor(spec, data), tensor: toOrt(data, spec.shape) }];
      }),
    );
    this.#hyper = Object.fromEntries(
      hyper.map((name) => {
        const data = new Float32Array(1);
        return [name, { data, tensor: toOrt(data, []) }];
      }),
    );
  }
  readonly #batch: readonly (readonly [name: string, spec: TensorSpec])[];

  async run({ state, batch = {}, hyper = {}, noise }: RunInput): Promise<HostTensors> {
    const leaves = hostState(state);
    const feeds: Record<string, ort.Tensor> = { ...this.#noiseTensors };
    const fetches: Record<string, ort.Tensor> = {};
    for (const path of this.#stateInputs) feeds[`state:${path}`] = toOrt(leaves.leaf(path).current, leaves.leaf(path).spec.shape);
    for (const [name, { dtype, shape }] of this.#batch) {
      const tensor = batch[name];
      if (!tensor || tensor.dtype !== dtype || tensor.data.length !== sizeOf(shape))
        throw new Error(
          `Invariant broken: batch tensor ${name} must be ${dtype} [${shape.join()}], but is ${tensor ? `${tensor.dtype} [${tensor.shape.join()}]` : 'missing'}`,
        );
      feeds[`batch:${name}`] = toOrt(tensor.data, shape);
    }
    for (const [name, { data, tensor }] of Object.entries(this.#hyper)) {
      const value = hyper[name];
      if (value === undefined) throw new Error(`Invariant broken: the scalar ${name} has no value`);
      data[0] = value;
      if (this.#inputs.has(`hyper:${name}`)) feeds[`hyper:${name}`] = tensor;
    }
    for (const path of this.#changed) fetches[`next:${path}`] = toOrt(leaves.leaf(path).next, leaves.leaf(path).spec.shape);
    for (const [name, { tensor }] of Object.entries(this.#info)) fetches[name] = tensor;
    this.#noise.fill(noise);
    try {
      await this.#session.run(feeds, fetches);
    } catch (error) {
      throw new WorkbenchError('device-failed', `ONNX Runtime could not run a step: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
    for (const path of this.#changed) leaves.leaf(path).swap();
    return Object.fromEntries(Object.entries(this.#info).map(([name, { host }]) => [name.slice('info:'.length), host]));
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }
}

class OnnxDevice implements Device {
  readonly backend = 'onnxruntime-cpu';
  readonly name = 'CPU';
  readonly engine = `onnxruntime-node ${ort.env.versions.node ?? ''}`.trim();
  readonly #programs = new Set<Program>();

  constructor(
    readonly threads: number,
    private readonly noise: NoiseGenerator,
  ) {}

  upload(state: HostTensors): HostState {
    return new HostState(state);
  }

  async compile<S extends State>(step: Step<S>, shapes: ProgramShapes): Promise<Program> {
    const traced = trace(step, shapes);
    const changed = Object.keys(traced.state);
    const { model, inputs } = lower({
      ...Object.fromEntries(Object.entries(traced.state).map(([path, node]) => [`next:${path}`, node])),
      ...Object.fromEntries(Object.entries(traced.info).map(([name, node]) => [`info:${name}`, node])),
    });
    const session = await ort.InferenceSession.create(model, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      intraOpNumThreads: this.threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3, // errors, not advice
      extra: { session: { force_spinning_stop: '1' } },
    });
    const used = new Set(inputs.map(({ name }) => name));
    const info = Object.fromEntries(Object.entries(traced.info).map(([name, { dtype, shape }]) => [name, { dtype: dtype as TensorSpec['dtype'], shape }]));
    const program = new OnnxProgram(session, shapes, changed, info, this.noise.compile(traced.noise.filter(({ name }) => used.has(name))));
    this.#programs.add(program);
    return {
      run: (input) => program.run(input),
      dispose: async () => {
        if (this.#programs.delete(program)) await program.dispose();
      },
    };
  }

  async close(): Promise<void> {
    for (const program of this.#programs) await program.dispose();
    this.#programs.clear();
    await this.noise.close();
  }
}

export const onnxruntimeCpu: Backend = {
  id: 'onnxruntime-cpu',
  title: 'CPU',
  probe: () => Promise.resolve({ available: true, name: 'CPU' }),
  open: async ({ threads }) => new OnnxDevice(threads, await openNoise(threads)),
};
