/** @file The posterior predictive: p(y | x, D) ≈ (1/S) Σ_s p(y | x, w_s), w_s drawn from the approximate posterior. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { WorkbenchError } from '../../contract/errors';
import type { Device, DeviceState, Program } from '../backends/device';
import { mixtureMoments } from '../metrics/regression';
import { float32, type HostTensors, type TensorSpec } from '../numerics/host-tensor';
import { fold } from '../numerics/random';
import type { Step } from '../numerics/step';
import type { BayesianModel } from './bayesian-model';
import { ClassAccumulator } from './class-accumulator';
import type { Posterior, PredictiveOptions } from './posterior';

/** Rows of one launch: large enough to keep the matrix products busy, small enough to cancel within a fraction of a second. */
const launchRows = 1000;

/**
 * The predictive of a state that stays on its device and may go on changing between calls.
 * Each draw is made once, from noise step s, and then serves every batch of rows.
 */
export class DevicePosterior implements Posterior {
  readonly #programs = new Map<string, Promise<Program>>();
  readonly #nothing: DeviceState;

  constructor(
    readonly model: BayesianModel,
    readonly device: Device,
    readonly state: DeviceState,
  ) {
    this.#nothing = device.upload({});
  }

  get randomDraws(): boolean {
    return this.model.method.randomDraws;
  }

  async classify(x: Float32Array, rows: number, options: PredictiveOptions) {
    const { outputs: classes } = this.model.data.task;
    const draws = this.#draws(options);
    const accumulator = new ClassAccumulator(rows, classes);
    await this.#eachPrediction(x, rows, draws, options, (first, count, _draw, { probabilities }) =>
      accumulator.add(first, count, probabilities!.data as Float32Array),
    );
    return { rows, classes, draws, ...accumulator.result(draws) };
  }

  async regress(x: Float32Array, rows: number, options: PredictiveOptions) {
    const { outputs: targets } = this.model.data.task;
    if (targets !== 1) throw new WorkbenchError('unsupported', `The predictive of ${targets} targets at once is not available; use a dataset with one target`);
    const draws = this.#draws(options);
    const drawMeans = new Float32Array(draws * rows);
    const drawSds = new Float32Array(draws * rows);
    await this.#eachPrediction(x, rows, draws, options, (first, count, draw, { mean, sd }) => {
      drawMeans.set((mean!.data as Float32Array).subarray(0, count), draw * rows + first);
      drawSds.set((sd!.data as Float32Array).subarray(0, count), draw * rows + first);
    });
    return { rows, draws, drawMeans, drawSds, ...mixtureMoments(drawMeans, drawSds, rows) };
  }

  async close(): Promise<void> {
    for (const program of this.#programs.values()) await (await program).dispose();
    this.#programs.clear();
    this.#nothing.dispose();
  }

  #draws({ draws }: PredictiveOptions): number {
    return this.randomDraws ? draws : 1;
  }

  async #eachPrediction(
    x: Float32Array,
    rows: number,
    draws: number,
    { seed, signal, report }: PredictiveOptions,
    receive: (firstRow: number, rows: number, draw: number, prediction: HostTensors) => void,
  ): Promise<void> {
    if (rows === 0) return;
    const { inputShape } = this.model.data;
    const width = x.length / rows;
    const batchRows = Math.min(rows, launchRows);
    // A last, smaller batch is filled up with earlier rows' leftovers, which are then ignored.
    const batch = float32([batchRows, ...inputShape], new Float32Array(batchRows * width));
    const draw = await this.#drawProgram();
    const predict = await this.#predictProgram(batchRows);
    for (let s = 0; s < draws; s++) {
      const noise = { seed, step: s };
      const weights = await draw.run({ state: this.state, noise });
      for (let first = 0; first < rows; first += batchRows) {
        if (signal?.aborted) throw new WorkbenchError('cancelled', 'The prediction was cancelled');
        const count = Math.min(batchRows, rows - first);
        (batch.data as Float32Array).set(x.subarray(first * width, (first + count) * width));
        receive(first, count, s, await predict.run({ state: this.#nothing, batch: { ...weights, x: batch }, noise }));
        report?.((s + (first + count) / rows) / draws);
        await letMessagesIn();
      }
    }
  }

  #drawProgram(): Promise<Program> {
    const { draw } = this.model.algorithm;
    const step: Step = (state, _batch, key) => ({ info: draw(state, fold(key, 'posterior draw')) });
    return this.#compiled('draw', step, { state: this.state.specs });
  }

  #predictProgram(rows: number): Promise<Program> {
    const { target, likelihood, data } = this.model;
    const weights = Object.fromEntries(target.parameters.map(({ name, shape }): [string, TensorSpec] => [name, { dtype: 'float32', shape }]));
    const step: Step = (_state, batch, key) => {
      const { x, ...params } = batch as { readonly [name: string]: Tensor } & { readonly x: Tensor };
      return { info: likelihood.predict(target.forward(params, x, fold(key, 'forward')), params) };
    };
    return this.#compiled(`predict ${rows}`, step, { state: {}, batch: { ...weights, x: { dtype: 'float32', shape: [rows, ...data.inputShape] } } });
  }

  #compiled(name: string, ...[step, shapes]: Parameters<Device['compile']>): Promise<Program> {
    const known = this.#programs.get(name) ?? this.device.compile(step, shapes);
    this.#programs.set(name, known);
    return known;
  }
}

/** Runs of a device block the thread's event loop; without this, cancelling could not be heard. */
export const letMessagesIn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
