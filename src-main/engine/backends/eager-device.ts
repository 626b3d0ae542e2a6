/** @file Steps run eagerly by one of TF.js's own backends: nothing is compiled, and a state is that backend's tensors. */
import { gather, tensor } from '@tensorflow/tfjs-core';
import { reportError } from '../../contract/errors';
import type { HostTensors } from '../numerics/host-tensor';
import type { State, Step } from '../numerics/step';
import type { Device, DeviceState, Program, ProgramShapes, ResidentRows, RunInput } from './device';
import { EagerProgram, type EagerContext, type EagerNoise } from './eager-program';
import { EagerTensors, inBackend } from './eager-tensors';
import type { NoiseGenerator } from './noise/generator';
import { readProviderFault } from './provider-fault';

export interface EagerOptions extends EagerContext, Pick<Device, 'backend' | 'name' | 'engine' | 'threads' | 'ownNoise'> {
  readonly notes?: readonly string[];
  /** Whether it has a memory of its own and computes while the host goes on: rows are kept there, and metrics wait there. */
  readonly apart?: boolean;
  /** After each step; `owned` tensors belong to states, rows and metrics that wait. */
  afterStep?(owned: number): void;
}

/** The noise of all other devices, uploaded. */
export const hostNoise = (generator: NoiseGenerator): EagerNoise => ({
  draw: (kind, address, shape, at) => tensor(generator.draw(kind, address, shape, at), [...shape], 'float32'),
  close: () => generator.close(),
});

export class EagerDevice implements Device {
  readonly backend: string;
  readonly name: string;
  readonly engine: string;
  readonly threads: number;
  readonly ownNoise: boolean;
  readonly keepRows?: (rows: HostTensors) => Promise<ResidentRows | null>;
  readonly #kept = new Set<EagerTensors>();
  readonly #programs = new Set<{ readonly size: number }>();

  constructor(private readonly options: EagerOptions) {
    ({ backend: this.backend, name: this.name, engine: this.engine, threads: this.threads, ownNoise: this.ownNoise = false } = options);
    if (options.apart) this.keepRows = (rows) => this.#keepRows(rows);
  }

  upload(state: HostTensors): DeviceState {
    return this.#upload(state);
  }

  compile<S extends State>(step: Step<S>, shapes: ProgramShapes): Promise<Program> {
    const { notes, apart, afterStep } = this.options;
    const program = new EagerProgram(step, shapes, this.options);
    this.#programs.add(program);
    const counted = async <T>(taken: Promise<T>): Promise<T> => {
      const told = await taken;
      afterStep?.([...this.#kept, ...this.#programs].reduce((sum, { size }) => sum + size, 0));
      return told;
    };
    return Promise.resolve({
      run: (input) => counted(program.run(input)),
      ...(apart && { launch: (input: RunInput) => counted(program.launch(input)), collect: () => program.collect() }),
      ...(notes && { notes }),
      dispose: async () => {
        await program.collect();
        this.#programs.delete(program);
      },
    } satisfies Program);
  }

  async close(): Promise<void> {
    for (const tensors of this.#kept) tensors.dispose();
    await this.options.noise.close();
  }

  async #keepRows(rows: HostTensors): Promise<ResidentRows | null> {
    await Promise.resolve();
    const kept = this.#upload(rows);
    try {
      // TF.js sends tensors to a device when they are first computed with.
      inBackend(this.options.runsOn, () => Object.keys(rows).forEach((name) => gather(kept.leaf(name), [0])));
      return kept;
    } catch (error) {
      kept.dispose();
      if (reportError(readProviderFault(error, this.name)).details?.['fault'] === 'memory') return null;
      throw error;
    }
  }

  #upload(tensors: HostTensors): EagerTensors {
    const kept = new EagerTensors(tensors, this.options.runsOn, (gone) => this.#kept.delete(gone));
    this.#kept.add(kept);
    return kept;
  }
}
