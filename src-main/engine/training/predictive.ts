/** @file The posterior predictive: p(y | x, D) ≈ (1/S) Σ_s p(y | x, w_s), w_s drawn from the approximate posterior. */
import { ones, valueAndGrad, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { WorkbenchError } from '../../contract/errors';
import type { Device, DeviceState, Program } from '../backends/device';
import { mixtureMoments } from '../metrics/regression';
import { float32, int32, type HostTensors, type TensorSpec, type TensorSpecs } from '../numerics/host-tensor';
import { fold, type Key } from '../numerics/random';
import type { Batch, Step } from '../numerics/step';
import type { BayesianModel } from './bayesian-model';
import { ClassAccumulator } from './class-accumulator';
import type { DrawSource } from './draw-source';
import { GradientAccumulator } from './gradient-accumulator';
import type { Posterior, PredictiveOptions } from './posterior';

/** Rows of one launch: large enough to keep the matrix products busy, small enough to cancel within a fraction of a second. */
const launchRows = 1000;

/** The predictive of a model's draws. Each is made or read once for a prediction, and then serves every batch of rows. */
export class DevicePosterior implements Posterior {
  readonly #programs = new Map<string, Promise<Program>>();
  readonly #nothing: DeviceState;

  constructor(
    readonly model: BayesianModel,
    readonly device: Device,
    readonly source: DrawSource,
  ) {
    this.#nothing = device.upload({});
  }

  count(requested: number): number {
    return this.source.count(requested);
  }

  async classify(x: Float32Array, rows: number, options: PredictiveOptions) {
    const { outputs: classes } = this.model.data.task;
    const draws = this.count(options.draws);
    const accumulator = new ClassAccumulator(rows, classes);
    await this.#eachLaunch(
      (rows) => this.#predictProgram(rows),
      { x },
      rows,
      draws,
      options,
      (first, count, _draw, { probabilities }) => accumulator.add(first, count, probabilities!.data as Float32Array),
    );
    return { rows, classes, draws, ...accumulator.result(draws) };
  }

  async regress(x: Float32Array, rows: number, options: PredictiveOptions) {
    const { outputs: targets } = this.model.data.task;
    if (targets !== 1) throw new WorkbenchError('unsupported', `The predictive of ${targets} targets at once is not available; use a dataset with one target`);
    const draws = this.count(options.draws);
    const drawMeans = new Float32Array(draws * rows);
    const drawSds = new Float32Array(draws * rows);
    await this.#eachLaunch(
      (rows) => this.#predictProgram(rows),
      { x },
      rows,
      draws,
      options,
      (first, count, draw, { mean, sd }) => {
        drawMeans.set((mean!.data as Float32Array).subarray(0, count), draw * rows + first);
        drawSds.set((sd!.data as Float32Array).subarray(0, count), draw * rows + first);
      },
    );
    return { rows, draws, drawMeans, drawSds, ...mixtureMoments(drawMeans, drawSds, rows) };
  }

  async inputGradient(x: Float32Array, y: Int32Array, options: Parameters<Posterior['inputGradient']>[2]) {
    const accumulator = new GradientAccumulator(y.length, x.length / y.length, options.loss);
    await this.#eachLaunch(
      (rows) => this.#gradientProgram(rows),
      { x, y },
      y.length,
      this.count(options.draws),
      options,
      (first, count, _draw, { logDensity, gradient }) => accumulator.add(first, count, logDensity!.data as Float32Array, gradient!.data as Float32Array),
    );
    return accumulator.result();
  }

  async close(): Promise<void> {
    for (const program of this.#programs.values()) await (await program).dispose();
    this.#programs.clear();
    this.#nothing.dispose();
    await this.source.close();
  }

  async #eachLaunch(
    compiled: (rows: number) => Promise<Program>,
    { x, y }: { readonly x: Float32Array; readonly y?: Int32Array },
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
    const labels = int32([batchRows], new Int32Array(batchRows));
    const program = await compiled(batchRows);
    for (let s = 0; s < draws; s++) {
      const noise = { seed, step: s };
      const weights = await this.source.weights(s, draws, seed);
      for (let first = 0; first < rows; first += batchRows) {
        if (signal?.aborted) throw new WorkbenchError('cancelled', 'The prediction was cancelled');
        const count = Math.min(batchRows, rows - first);
        (batch.data as Float32Array).set(x.subarray(first * width, (first + count) * width));
        if (y) (labels.data as Int32Array).set(y.subarray(first, first + count));
        receive(first, count, s, await program.run({ state: this.#nothing, batch: { ...weights, x: batch, ...(y && { y: labels }) }, noise }));
        report?.((s + (first + count) / rows) / draws);
        await letMessagesIn();
      }
    }
  }

  #predictProgram(rows: number): Promise<Program> {
    const { target, likelihood } = this.model;
    return this.#rowsProgram('predict', rows, {}, (params, { x }, key) => likelihood.predict(target.forward(params, x!, key), params));
  }

  #gradientProgram(rows: number): Promise<Program> {
    const { target, likelihood } = this.model;
    return this.#rowsProgram('gradient', rows, { y: { dtype: 'int32', shape: [rows] } }, (params, { x, y }, key) => {
      // A row's density depends on no other row, so that the gradient of the sum holds each row's own. TF.js types values as scalars, but takes any shape with a cotangent.
      const density = ((input: Tensor) => likelihood.logDensity(target.forward(params, input, key), y!, params)) as (input: Tensor) => Scalar;
      const { value, grad } = valueAndGrad(density)(x!, ones([rows]) as Scalar);
      return { logDensity: value, gradient: grad };
    });
  }

  /** A program of one draw's weights, `x` and other tensors of the rows. */
  #rowsProgram(
    name: string,
    rows: number,
    others: TensorSpecs,
    compute: (params: { readonly [name: string]: Tensor }, batch: Batch, key: Key) => { readonly [name: string]: Tensor },
  ): Promise<Program> {
    const { target, data } = this.model;
    const weights = Object.fromEntries([...target.parameters, ...(target.statistics?.leaves ?? [])].map(({ name, shape }): [string, TensorSpec] => [name, { dtype: 'float32', shape }]));
    const ofRows: TensorSpecs = { ...others, x: { dtype: 'float32', shape: [rows, ...data.inputShape] } };
    const step: Step = (_state, batch, key) => {
      const part = (names: TensorSpecs) => Object.fromEntries(Object.keys(names).map((name) => [name, batch[name]!]));
      return { info: compute(part(weights), part(ofRows), fold(key, 'forward')) };
    };
    return this.#compiled(`${name} ${rows}`, step, { state: {}, batch: { ...weights, ...ofRows } });
  }

  #compiled(name: string, ...[step, shapes]: Parameters<Device['compile']>): Promise<Program> {
    const known = this.#programs.get(name) ?? this.device.compile(step, shapes, `${this.model.identity} ${name}`);
    this.#programs.set(name, known);
    return known;
  }
}

/** Runs of a device block the thread's event loop; without this, cancelling could not be heard. */
export const letMessagesIn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
