/** @file Compiled steps on any GPU by ONNX Runtime's WebGPU provider. Noise is made on the CPU, by the same generator; the state stays on the GPU. */
import type * as OnnxRuntime from 'onnxruntime-node';
import { invariant, WorkbenchError } from '../../contract/errors';
import type { HostTensors } from '../numerics/host-tensor';
import type { State, Step } from '../numerics/step';
import { compileOnce, type CompiledStep } from './compiled-step';
import type { Availability, Backend, Device, DeviceOptions, Program, ProgramShapes, RunInput } from './device';
import { GpuProgram, reasonOf } from './gpu-program';
import { GpuRows, GpuState, onGpu, Transfer } from './gpu-state';
import { Passes } from './pool/passes';
import { openPool, type Pool } from './pool/pool';

type Runtime = typeof OnnxRuntime;
class WebGpuDevice implements Device {
  readonly backend = 'onnxruntime-webgpu';
  readonly name = 'GPU – WebGPU';
  readonly engine: string;
  readonly #programs = new Set<GpuProgram>();
  /** Ends when the last run does. Runs take turns: they share the pool. */
  #busy: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly runtime: Runtime,
    private readonly pool: Pool,
    private readonly transfer: Transfer,
    private readonly options: DeviceOptions,
  ) {
    this.engine = `onnxruntime-webgpu ${runtime.env.versions.node ?? ''}`.trim();
  }

  get threads(): number {
    return this.options.threads;
  }

  upload(state: HostTensors): GpuState {
    return new GpuState(state, this.transfer, (f) => this.#inTurn(f));
  }

  keepRows(rows: HostTensors): Promise<GpuRows | null> {
    return this.#inTurn(() => GpuRows.upload(rows, this.transfer));
  }

  async compile<S extends State>(step: Step<S>, shapes: ProgramShapes, identity?: string): Promise<Program> {
    const { programs } = this.options;
    const compiled = await compileOnce(step, shapes, { programs, identity, engine: this.engine, fusion: false, provider: 'webgpu' });
    const program = await this.#inTurn(() => this.#program(compiled, shapes));
    this.#programs.add(program);
    return {
      run: (input) => this.#inTurn(() => program.run(input)),
      ...(program.canLaunch && {
        launch: (input: RunInput) => this.#inTurn(() => program.launch(input)),
        collect: () => this.#inTurn(() => program.collect()),
      }),
      notes: compiled.notes,
      dispose: () => this.#inTurn(async () => void (this.#programs.delete(program) && (await program.dispose()))),
    };
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      for (const program of this.#programs) await program.dispose();
      this.#programs.clear();
      await this.transfer.close();
      await this.pool.close();
    });
  }

  async #program(compiled: CompiledStep, shapes: ProgramShapes): Promise<GpuProgram> {
    const locations = [
      ...compiled.changed.map((path) => [`next:${path}`, 'gpu-buffer'] as const),
      ...(compiled.scalars?.told ? [['next:log', 'gpu-buffer'] as const] : []),
    ]; // all else is for the host
    invariant(compiled.model, 'a step computes nothing');
    const session = await this.runtime.InferenceSession.create(compiled.model, {
      ...onGpu,
      preferredOutputLocation: Object.fromEntries(locations),
      extra: { session: { force_spinning_stop: '1' } },
    });
    return new GpuProgram(session, shapes, compiled, new Passes(this.pool, compiled.passes), this.transfer);
  }

  #inTurn<T>(f: () => Promise<T>): Promise<T> {
    const turn = this.#busy.then(f);
    this.#busy = turn.catch(() => undefined); // its caller hears of it
    return turn;
  }
}

/** Whether there could be a GPU. That one answers shows when it is opened: a driver may crash, which only a process of its own survives. */
async function probe(): Promise<Availability> {
  try {
    const { listSupportedBackends } = await import('onnxruntime-node');
    if (!listSupportedBackends().some(({ name }) => name === 'webgpu'))
      return { available: false, reason: 'onnxruntime-node is built without WebGPU for this computer' };
    return { available: true, name: 'GPU – WebGPU' };
  } catch (error) {
    return { available: false, reason: `onnxruntime-node cannot be loaded: ${reasonOf(error)}` };
  }
}

/** @throws WorkbenchError `unsupported` if no GPU answers. */
async function open(options: DeviceOptions): Promise<Device> {
  const runtime = await import('onnxruntime-node');
  const transfer = new Transfer(runtime);
  try {
    await transfer.toHost(transfer.tensor(Float32Array.of(1), [1]));
  } catch (cause) {
    throw new WorkbenchError(
      'unsupported',
      `No GPU answers to WebGPU: ${reasonOf(cause)}. Install the graphics card's driver, on Linux also Vulkan's loader (libvulkan1), or choose the device CPU`,
      { cause },
    );
  }
  return new WebGpuDevice(runtime, await openPool(options.threads), transfer, options);
}

export const onnxruntimeWebgpu: Backend = { id: 'onnxruntime-webgpu', title: 'GPU – WebGPU', probe, open };
