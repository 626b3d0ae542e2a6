/** @file The compiled programs of a method's steps: one for each named step and batch size, made when first needed. */
import type { Device, Program } from '../backends/device';
import { type HostTensors, specsOf, type TensorSpecs } from '../numerics/host-tensor';
import type { BayesianModel } from './bayesian-model';

export const stepIdentity = ({ identity }: Pick<BayesianModel, 'identity'>, step: string): string => `${identity} step ${step}`;

export class StepPrograms {
  readonly #programs = new Map<string, { program: Program; lastEpoch: number }>();

  constructor(
    readonly device: Device,
    readonly model: Pick<BayesianModel, 'algorithm' | 'identity'>,
    readonly state: TensorSpecs,
    /** Hears what the device says of each step that it compiles. */
    private readonly note: (message: string) => void = () => undefined,
  ) {}

  /** @param resident rows that the device has, from which it takes the batch. */
  async get(step: string, batch: HostTensors, hyper: { readonly [name: string]: number }, epoch: number, resident?: TensorSpecs): Promise<Program> {
    const key = `${step} ${batch['x']!.shape.join()}`;
    let entry = this.#programs.get(key);
    if (!entry) {
      const shapes = { state: this.state, batch: specsOf(batch), hyper: Object.keys(hyper), ...(resident && { resident }) };
      const program = await this.device.compile(this.model.algorithm.steps[step]!, shapes, stepIdentity(this.model, step));
      program.notes?.forEach((message) => this.note(message));
      entry = { program, lastEpoch: epoch };
      this.#programs.set(key, entry);
    }
    entry.lastEpoch = epoch;
    return entry.program;
  }

  /** Frees what no step of the epochs from `epoch` on has used, such as the step of a first epoch with more draws. */
  async freeUnusedSince(epoch: number): Promise<void> {
    for (const [key, { program, lastEpoch }] of this.#programs) {
      if (lastEpoch >= epoch) continue;
      this.#programs.delete(key);
      await program.dispose();
    }
  }

  close(): Promise<void> {
    return this.freeUnusedSince(Infinity);
  }
}
