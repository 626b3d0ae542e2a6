/**
 * @file The runner: drives an algorithm's steps over minibatches until the last epoch, or until it is told to stop.
 * It owns what the mathematics must not know: the device, the clock, checkpoints, pausing. A step count fixes epoch,
 * batch, schedule and noise, so that (state, step) is all a checkpoint needs. A state of the last step is a finished one.
 */
import type { RunProgress } from '../../contract/run';
import type { Training } from '../../contract/spec';
import type { Device, DeviceState } from '../backends/device';
import { hostUniforms } from '../numerics/host-random';
import type { HostTensors } from '../numerics/host-tensor';
import type { BayesianModel } from './bayesian-model';
import { requireFiniteState, type Place } from './divergence';
import { StateDraws } from './draw-source';
import { initialState } from './initial-state';
import type { KeptDraw } from './kept-draws';
import { curveRows, measureErrors } from './learning-curve';
import { letMessagesIn } from './launches';
import { Minibatches, type Rows } from './minibatches';
import { planTraining, type Plan } from './plan';
import { DevicePosterior } from './predictive';
import { ProgressTeller } from './progress-teller';
import { StepQueue } from './step-queue';
import { weightQuantiles } from './weight-quantiles';

export interface Checkpoint {
  /** Steps done. */
  readonly step: number;
  readonly state: HostTensors;
}

/** What the runner tells. Rows of metrics carry the number of steps done. */
export interface TrainingListener {
  /** Values in the order of the method's metrics; valid until the next step. */
  stepMetrics(step: number, values: Float64Array): void;
  epochMetrics(step: number, values: { readonly [metric: string]: number }): void;
  /** At most ten times a second. */
  progress(progress: RunProgress): void;
  /** Training waits until it is written; valid until then. Those of a step come before any checkpoint that covers it. */
  draw(draw: KeptDraw): Promise<void>;
  /** At the start and before each checkpoint, in the order of `weightMetrics`; not measured where nobody asks. */
  weightMetrics?(step: number, values: Float64Array): void;
  /** Training waits until it is written. */
  checkpoint(checkpoint: Checkpoint): Promise<void>;
  paused(): void;
  resumed(): void;
  /** For the run's log, such as that a step is slower than it could be. */
  note?(message: string): void;
}

export interface TrainingOptions {
  readonly model: BayesianModel;
  readonly device: Device;
  readonly training: Training;
  readonly data: { readonly train: Rows; readonly validation: Rows; /** Target units per standardised unit. */ readonly ySd: number };
  /** Where to go on from; null starts anew. */
  readonly from: Checkpoint | null;
  /** Read between steps. */
  control(): 'run' | 'pause' | 'stop';
  readonly listener: TrainingListener;
}

const messageInterval = 30; // ms a flood of short steps may keep messages waiting

/**
 * Trains to the last epoch, or until `control` says stop. A checkpoint is given at the end, at a stop, at each pause and every `checkpointEvery` seconds.
 * @throws WorkbenchError `diverged` when a term or the state is no longer finite, or a chain has run away.
 */
export async function train(options: TrainingOptions): Promise<'succeeded' | 'stopped'> {
  const state = options.device.upload(options.from?.state ?? (await initialState(options)));
  const runner = new Runner(options, state);
  try {
    return await runner.run();
  } finally {
    await runner.close();
    state.dispose();
  }
}

class Runner {
  readonly #plan: Plan;
  readonly #steps: StepQueue;
  readonly #draws: StateDraws;
  readonly #posterior: DevicePosterior;
  readonly #curve: ReturnType<typeof curveRows>;
  readonly #progress: ProgressTeller;
  #step: number;
  /** The step of the last checkpoint, so that none is written twice. */
  #saved: number;
  #savedAt = performance.now();
  #yieldedAt = performance.now();

  constructor(
    readonly options: TrainingOptions,
    readonly state: DeviceState,
  ) {
    const { model, device, training, data, from } = options;
    this.#plan = planTraining(training, data.train.rows, model);
    this.#progress = new ProgressTeller(this.#plan, options.listener);
    const { members, resampling } = model.algorithm;
    const own = members !== undefined && resampling ? { members, resampling } : undefined;
    const batches = new Minibatches(data.train, model.data.inputShape, this.#plan.batchSize, training.seed, own);
    const tell = (step: number, values: Float64Array) => options.listener.stepMetrics(step, values);
    this.#steps = new StepQueue({ ...{ model, device, state, batches, tell }, seed: training.seed, note: (message) => options.listener.note?.(message) });
    this.#draws = new StateDraws(model, device, state);
    this.#posterior = new DevicePosterior(model, device, this.#draws);
    this.#curve = curveRows(data);
    this.#step = from?.step ?? 0;
    this.#saved = from?.step ?? -1;
  }

  async run(): Promise<'succeeded' | 'stopped'> {
    if (!this.options.from && this.options.listener.weightMetrics) await this.#tellWeights(await this.state.download());
    while (this.#step < this.#plan.steps) {
      if (!(await this.#mayGoOn())) return 'stopped';
      const isLast = this.#step === this.#plan.steps - 1;
      if (isLast && this.options.model.algorithm.finish) await this.#save(); // a finish that is given up begins with the last step
      await this.#takeStep();
      if (isLast && !(await this.#finish())) return 'stopped';
      const { epoch, stepInEpoch } = this.#plan.time(this.#step);
      if (stepInEpoch === 0) await this.#endEpoch(epoch);
      const now = performance.now();
      if (now - this.#savedAt > this.options.training.checkpointEvery * 1000) await this.#save();
      if (this.#progress.isDue(now)) this.#tell(`epoch ${this.#currentEpoch()} of ${this.#plan.epochs}`);
      await this.#letMessagesIn();
    }
    await this.#save();
    this.#tell('finished');
    return 'succeeded';
  }

  async close(): Promise<void> {
    await this.#steps.close();
    await this.#posterior.close();
  }

  async #takeStep(): Promise<void> {
    const { model } = this.options;
    const time = this.#plan.time(this.#step);
    const move = model.algorithm.schedule(time);
    const starting = !this.#progress.hasBegun;
    if (starting) this.#tell('preparing the first step');
    await this.#steps.take(time, move, () => starting && this.#progress.resetPace()); // compiling says nothing of the speed
    this.#step++;
    if (move.keep) await this.#keepDraws();
    await this.#passBetween();
  }

  /** One draw, or one of each member. */
  async #keepDraws(): Promise<void> {
    await this.#steps.settle();
    const { model, training, listener } = this.options;
    for (let member = 0; member < (model.algorithm.members ?? 1); member++) {
      const weights = await this.#draws.draw(member, { seed: training.seed, step: this.#step });
      requireFiniteState(weights, this.#place);
      await listener.draw({ step: this.#step, member, weights });
    }
    if (this.#saved < 0) this.#savedAt = -Infinity; // draws are studied beside a checkpoint: it is due with the first of them
  }

  /** The method's transition on the host, if it is time for one. */
  async #passBetween(): Promise<void> {
    const { between } = this.options.model.algorithm;
    if (!between || this.#step % between.every !== 0) return;
    const leaves = await this.state.download(between.reads);
    const step = this.#step;
    this.state.write(between.run(leaves, (label) => hostUniforms(this.options.training.seed, step, label)));
  }

  /** The live curve is that of the state as it is: also for a method that is predicted from kept draws, whose average would cost a pass over all of them. */
  async #endEpoch(epoch: number): Promise<void> {
    const { training, listener, model, data } = this.options;
    await this.#steps.settle();
    await this.#steps.freeUnusedSince(epoch - 1);
    const isLast = this.#step === this.#plan.steps;
    if (!isLast && (epoch > training.epochs || epoch % training.validateEvery !== 0)) return;
    if (this.#progress.isDue(performance.now())) this.#tell(`epoch ${epoch} of ${this.#plan.epochs}: measuring the error`);
    const draws = { draws: training.validationDraws, seed: training.seed };
    listener.epochMetrics(this.#step, await measureErrors(this.#posterior, model.data.task.kind, this.#curve, data.ySd, draws));
  }

  /** False when told to stop. */
  async #finish(): Promise<boolean> {
    const { model, listener } = this.options;
    if (!model.algorithm.finish) return true;
    await this.#steps.settle();
    const report = { progress: (message: string) => this.#tell(message), note: (message: string) => listener.note?.(message) };
    const work = model.algorithm.finish(await this.state.download(), report);
    for (;;) {
      const { done, value } = work.next();
      if (done) {
        this.state.write(value);
        return true;
      }
      if (!(await this.#mayGoOn('half done'))) return false;
      await this.#letMessagesIn();
    }
  }

  async #letMessagesIn(): Promise<void> {
    if (performance.now() - this.#yieldedAt < messageInterval) return;
    await letMessagesIn();
    this.#yieldedAt = performance.now();
  }

  /** Waits while paused; false when told to stop. A state that is half done is not saved. */
  async #mayGoOn(state: 'whole' | 'half done' = 'whole'): Promise<boolean> {
    const { control, listener } = this.options;
    if (control() === 'run') return true;
    if (state === 'whole') await this.#save();
    if (control() === 'pause') {
      this.#progress.resetPace(); // speed is 0 while paused, and waiting is no work
      this.#tell(`paused in epoch ${this.#currentEpoch()}`);
      listener.paused();
      while (control() === 'pause') await new Promise((resolve) => setTimeout(resolve, 50));
      this.#progress.resetPace();
      this.#savedAt = performance.now();
      if (control() === 'run') listener.resumed();
    }
    return control() === 'run';
  }

  async #save(): Promise<void> {
    await this.#steps.settle();
    if (this.#saved !== this.#step) {
      const state = await this.state.download();
      requireFiniteState(state, this.#place);
      await this.#tellWeights(state);
      await this.options.listener.checkpoint({ step: this.#step, state });
      this.#saved = this.#step;
    }
    this.#savedAt = performance.now();
  }

  /** @param state as it is on the device */
  async #tellWeights(state: HostTensors): Promise<void> {
    const { model, training, listener } = this.options;
    if (!listener.weightMetrics) return;
    const draw = () => this.#draws.draw(0, { seed: training.seed, step: this.#step });
    listener.weightMetrics(this.#step, await weightQuantiles(model, state, draw));
  }

  #tell(message: string): void {
    this.#progress.tell(this.#step, message);
  }

  /** Counted from 1, for people. */
  #currentEpoch(): number {
    return Math.min(this.#plan.time(this.#step).epoch + 1, this.#plan.epochs);
  }

  /** The step just taken, for a diagnosis. */
  #place = (): Place => {
    const time = this.#plan.time(Math.max(this.#step - 1, 0));
    return { step: this.#step, epoch: time.epoch, hyper: this.options.model.algorithm.schedule(time).hyper, sound: this.#steps.sound };
  };
}
