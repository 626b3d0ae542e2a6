/** @file Compiled steps by ONNX Runtime over states in host memory, on whichever of its providers takes those. */
import type * as OnnxRuntime from 'onnxruntime-node';
import type { HostTensors } from '../numerics/host-tensor';
import type { State, Step } from '../numerics/step';
import { compileOnce, type CompiledStep } from './compiled-step';
import type { Device, DeviceOptions, MemoryUse, Program, ProgramShapes } from './device';
import { tensorsOf } from './feeds';
import { HostState } from './host-state';
import { OnnxProgram } from './onnxruntime-program';
import { Passes } from './pool/passes';
import { openPool, type Pool } from './pool/pool';

type Runtime = typeof OnnxRuntime;

/** Which device it is, and where its sessions run; what that provider cannot do falls back to the CPU. */
export interface Place extends Pick<Device, 'backend' | 'name'> {
  readonly provider: 'cpu' | 'cuda';
}

class OnnxDevice implements Device {
  readonly backend: string;
  readonly name: string;
  readonly engine: string;
  readonly #programs = new Set<Program>();
  /** Ends when the last run does. Runs take turns: they share the pool. */
  #busy: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly place: Place,
    private readonly runtime: Runtime,
    private readonly pool: Pool,
    readonly threads: number,
    private readonly options: Omit<DeviceOptions, 'threads'>,
  ) {
    ({ backend: this.backend, name: this.name } = place);
    this.engine = `${place.backend} ${runtime.env.versions.node ?? ''}`.trim();
  }

  upload(state: HostTensors): HostState {
    const { heap } = this.pool;
    return new HostState(state, { allocate: (spec) => heap.data(spec), free: ({ byteOffset }) => heap.free(byteOffset) });
  }

  async compile<S extends State>(step: Step<S>, shapes: ProgramShapes, identity?: string): Promise<Program> {
    const compiled = await this.#compiled(step, shapes, identity);
    const session = compiled.model ? await this.#session(compiled.model) : undefined;
    const program = new OnnxProgram(session, shapes, compiled, new Passes(this.pool, compiled.passes), tensorsOf(this.runtime));
    this.#programs.add(program);
    return {
      run: (input) => this.#inTurn(() => program.run(input)),
      notes: compiled.notes,
      dispose: () => this.#inTurn(async () => void (this.#programs.delete(program) && (await program.dispose()))),
    };
  }

  async footprint<S extends State>(step: Step<S>, shapes: ProgramShapes, identity?: string) {
    const { shared, own, info } = await this.#compiled(step, shapes, identity);
    return { shared, total: shared + own, info };
  }

  memory(): MemoryUse {
    return { total: this.options.memory ?? process.availableMemory(), shared: this.pool.heap.room };
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      for (const program of this.#programs) await program.dispose();
      this.#programs.clear();
      await this.pool.close();
    });
  }

  #compiled<S extends State>(step: Step<S>, shapes: ProgramShapes, identity: string | undefined): Promise<CompiledStep> {
    const { programs, fusion = true } = this.options;
    return compileOnce(step, shapes, { programs, identity, engine: this.engine, fusion });
  }

  #session(model: Uint8Array): Promise<OnnxRuntime.InferenceSession> {
    return this.runtime.InferenceSession.create(model, {
      executionProviders: [this.place.provider],
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
}

/** Why no device of ONNX Runtime can be opened; undefined where one may. */
export async function runtimeFault(): Promise<string | undefined> {
  // Older Node refuses views of shared memory as tensors.
  if (Number.parseInt(process.versions.node, 10) < 22) return `it needs Node.js 22 or newer, this is ${process.versions.node}`;
  try {
    await import('onnxruntime-node');
    return undefined;
  } catch (error) {
    return `onnxruntime-node cannot be loaded: ${error instanceof Error ? error.message : String(error)}`;
  }
}

export async function openOnnxDevice(place: Place, { threads, ...options }: DeviceOptions, runtime?: Runtime): Promise<Device> {
  return new OnnxDevice(place, runtime ?? (await import('onnxruntime-node')), await openPool(threads), threads, options);
}
