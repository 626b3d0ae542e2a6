/** @file Compiled steps on the CPU by ONNX Runtime: the default everywhere. */
import type * as OnnxRuntime from 'onnxruntime-node';
import { partition, unfused } from '../compiler/fusion/partition';
import { lower } from '../compiler/onnx/lower';
import { trace } from '../compiler/trace';
import type { HostTensor, HostTensors, TensorSpec } from '../numerics/host-tensor';
import type { State, Step } from '../numerics/step';
import type { Availability, Backend, Device, Program, ProgramShapes } from './device';
import { HostState } from './host-state';
import { OnnxProgram } from './onnxruntime-program';
import { planPasses } from './pool/pass-plan';
import { Passes } from './pool/passes';
import { openPool, type Pool } from './pool/pool';

type Runtime = typeof OnnxRuntime;

class OnnxDevice implements Device {
  readonly backend = 'onnxruntime-cpu';
  readonly name = 'CPU';
  readonly engine: string;
  readonly #programs = new Set<Program>();
  /** Ends when the last run does. Runs take turns: they share the pool. */
  #busy: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly runtime: Runtime,
    private readonly pool: Pool,
    readonly threads: number,
    private readonly fusion: boolean,
  ) {
    this.engine = `onnxruntime-cpu ${runtime.env.versions.node ?? ''}`.trim();
  }

  upload(state: HostTensors): HostState {
    const { heap } = this.pool;
    return new HostState(state, { allocate: (spec) => heap.data(spec), free: ({ byteOffset }) => heap.free(byteOffset) });
  }

  async compile<S extends State>(step: Step<S>, shapes: ProgramShapes): Promise<Program> {
    const traced = trace(step, shapes);
    const parts = (this.fusion ? partition : unfused)(traced);
    const { model, inputs } = lower(parts.core);
    const session = Object.keys(parts.core).length > 0 ? await this.#session(model) : undefined;
    const program = new OnnxProgram(
      session,
      shapes,
      {
        changed: Object.keys(traced.state).filter((path) => !parts.inPlace.has(path)),
        // No output is boolean: tracing makes them int32.
        info: Object.fromEntries(Object.entries(traced.info).map(([name, { dtype, shape }]) => [name, { dtype: dtype as TensorSpec['dtype'], shape }])),
      },
      new Passes(this.pool, planPasses(parts, traced.noise, new Set(inputs.map(({ name }) => name)))),
      (data, shape) => this.#tensor(data, shape),
    );
    this.#programs.add(program);
    return {
      run: (input) => this.#inTurn(() => program.run(input)),
      dispose: () => this.#inTurn(async () => void (this.#programs.delete(program) && (await program.dispose()))),
    };
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      for (const program of this.#programs) await program.dispose();
      this.#programs.clear();
      await this.pool.close();
    });
  }

  #session(model: Uint8Array): Promise<OnnxRuntime.InferenceSession> {
    return this.runtime.InferenceSession.create(model, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      intraOpNumThreads: this.threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3, // errors, not advice
      extra: { session: { force_spinning_stop: '1' } }, // else its idle threads compete with the pool's
    });
  }

  #inTurn<T>(f: () => Promise<T>): Promise<T> {
    const turn = this.#busy.then(f);
    this.#busy = turn.catch(() => undefined); // its caller hears of it
    return turn;
  }

  #tensor(data: HostTensor['data'], shape: readonly number[]) {
    const { Tensor } = this.runtime;
    return data instanceof Float32Array ? new Tensor('float32', data, shape) : new Tensor('int32', data, shape);
  }
}

async function probe(): Promise<Availability> {
  // Older Node refuses views of shared memory as tensors.
  if (Number.parseInt(process.versions.node, 10) < 22) return { available: false, reason: `it needs Node.js 22 or newer, this is ${process.versions.node}` };
  try {
    await import('onnxruntime-node');
    return { available: true, name: 'CPU' };
  } catch (error) {
    return { available: false, reason: `onnxruntime-node cannot be loaded: ${error instanceof Error ? error.message : String(error)}` };
  }
}

export const onnxruntimeCpu: Backend = {
  id: 'onnxruntime-cpu',
  title: 'CPU',
  probe,
  open: async ({ threads, fusion = true }) => new OnnxDevice(await import('onnxruntime-node'), await openPool(threads), threads, fusion),
};
