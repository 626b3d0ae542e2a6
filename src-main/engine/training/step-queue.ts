/** @file Takes a training's steps and tells their metrics: at once or, where the device works on while the host prepares the next steps, somewhat later, in order. */
import { mostLaunches, type Device, type DeviceState, type Program, type ResidentRows, type RunInput } from '../backends/device';
import type { Move, Time } from '../inference/method';
import type { HostTensors } from '../numerics/host-tensor';
import type { BayesianModel } from './bayesian-model';
import { EnergyWatch, requireFiniteTerms, type Place } from './divergence';
import type { Minibatches } from './minibatches';
import { StepPrograms } from './step-programs';

/** Milliseconds for which metrics may wait, and the host may be deaf while it waits for the device. */
const patience = 50;

export interface StepQueueOptions {
  readonly model: BayesianModel;
  readonly device: Device;
  readonly state: DeviceState;
  readonly batches: Minibatches;
  readonly seed: number;
  /** Values in the order of the method's metrics after `step` steps; valid until the next call. */
  tell(step: number, values: Float64Array): void;
  note(message: string): void;
}

export class StepQueue {
  readonly #values: Float64Array;
  readonly #names: readonly string[];
  /** Of a sampler. */
  readonly #energy: EnergyWatch | undefined;
  readonly #programs: StepPrograms;
  /** The training rows, if the device keeps them. */
  #resident: Promise<ResidentRows | null> | undefined;
  /** What was launched and has not told its metrics. */
  #launched: { readonly program: Program; readonly since: number; readonly places: Place[] } | undefined;
  /** Launches until metrics are asked for: as many as go into the patience. */
  #depth = 1;

  constructor(private readonly options: StepQueueOptions) {
    const { device, model, state } = options;
    this.#programs = new StepPrograms(device, model, state.specs, (message) => options.note(message));
    this.#names = model.method.metrics.map(({ id }) => id);
    this.#values = new Float64Array(this.#names.length);
    this.#energy = this.#names.includes('potential') ? new EnergyWatch(model.size / model.target.rows) : undefined;
  }

  /** As in `Place`. */
  get sound(): number | undefined {
    return this.#energy?.sound;
  }

  /**
   * Takes the step at `time`, which the schedule has chosen; resolves when the next may be taken.
   *
   * @param compiled runs when the step is compiled.
   * @throws WorkbenchError `diverged` if a term of this step, or of an earlier one, is not finite, or a chain has run away
   */
  async take(time: Time, { step, hyper }: Move, compiled: () => void): Promise<void> {
    const { state, device, batches, seed } = this.options;
    const rows = await (this.#resident ??= device.keepRows?.(batches.all()) ?? Promise.resolve(null));
    const { batch, numbers } = rows ? batches.numbersAt(time.step) : { batch: batches.at(time.step), numbers: undefined };
    const program = await this.#programs.get(step, batch, hyper, time.epoch, rows?.specs);
    compiled();
    if (program !== this.#launched?.program) await this.settle();
    const place = { step: time.step + 1, epoch: time.epoch, hyper };
    const input: RunInput = {
      ...{ state, batch, hyper, noise: { seed, step: time.step } },
      ...(rows && numbers && { resident: { rows, numbers } }),
    };
    if (!program.launch) return this.#tell(await program.run(input), place);
    this.#launched ??= { program, since: performance.now(), places: [] };
    await program.launch(input);
    this.#launched.places.push(place);
    if (this.#launched.places.length >= this.#depth) await this.settle();
  }

  /** Tells the metrics of all steps taken. @throws WorkbenchError `diverged` */
  async settle(): Promise<void> {
    if (!this.#launched) return;
    const { program, since, places } = this.#launched;
    this.#launched = undefined;
    const infos = await program.collect!();
    for (const [i, place] of places.entries()) this.#tell(infos[i]!, place);
    const fitting = (patience * places.length) / (performance.now() - since);
    this.#depth = Math.max(1, Math.min(Math.floor(fitting), 2 * this.#depth, mostLaunches));
  }

  /** Frees programs that no step of the epochs from `epoch` on has used. All steps must have been settled. */
  freeUnusedSince(epoch: number): Promise<void> {
    return this.#programs.freeUnusedSince(epoch);
  }

  async close(): Promise<void> {
    await this.#programs.close();
    (await this.#resident)?.dispose();
  }

  #tell(info: HostTensors, place: Place): void {
    this.#names.forEach((name, i) => (this.#values[i] = info[name]!.data[0]!));
    this.options.tell(place.step, this.#values);
    requireFiniteTerms(this.#names, this.#values, () => ({ ...place, sound: this.sound }));
    this.#energy?.judge(info['potential']!.data[0]!, { ...place, sound: this.sound });
  }
}
