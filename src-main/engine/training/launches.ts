/** @file Runs a computation for every draw of the weights and every row, in as few launches as memory allows. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { WorkbenchError } from '../../contract/errors';
import type { Device, DeviceState, Program } from '../backends/device';
import { float32, int32, sizeOf, type HostTensors, type TensorSpec, type TensorSpecs } from '../numerics/host-tensor';
import { fold, type Key } from '../numerics/random';
import type { Batch, Step } from '../numerics/step';
import type { Params } from '../numerics/tree';
import type { BayesianModel } from './bayesian-model';
import type { DrawSource } from './draw-source';
import { planLaunch, type Launch } from './launch';
import type { PredictiveOptions } from './posterior';

/** What is computed of weights and rows. */
export interface RowComputation {
  readonly name: string;
  /** Whether draws can be computed together: parameters and outputs then have a leading axis of draws. */
  readonly together: boolean;
  compute(params: Params, batch: Batch, key: Key): { readonly [name: string]: Tensor };
}

/** x [rows × features], and classes where the computation needs them. */
export interface GivenRows {
  readonly rows: number;
  readonly x: Float32Array;
  readonly y?: Int32Array;
}

export interface Receiver {
  /** What one draw gives for `count` rows from `first` on; tensors [≥ count, …], valid until the call returns. */
  rows(draw: number, first: number, count: number, outputs: { readonly [name: string]: Float32Array }): void;
  /** So many draws are complete for all rows. */
  draws?(done: number): void;
}

export class Launches {
  readonly #programs = new Map<string, Promise<Program>>();
  readonly #nothing: DeviceState;

  constructor(
    readonly model: BayesianModel,
    readonly device: Device,
    readonly source: DrawSource,
  ) {
    this.#nothing = device.upload({});
  }

  /** Draws one after the other, each made or read once. @throws WorkbenchError `cancelled` */
  async run(computation: RowComputation, given: GivenRows, { draws: requested, seed, signal, report, from }: PredictiveOptions, receiver: Receiver): Promise<void> {
    const { rows } = given;
    if (rows === 0) return;
    const draws = this.source.count(requested);
    const launch = planLaunch({ ...this.model, together: this.model.together && computation.together }, rows, draws);
    const program = await this.#program(computation, launch, given.y !== undefined);
    const part = this.#buffers(given, launch.rows);
    const weights = this.#stack(launch.draws);
    for (let s = from?.done ?? 0; s < draws; s += launch.draws) {
      const count = Math.min(launch.draws, draws - s);
      for (let d = 0; d < count; d++) weights.set(d, await this.source.weights(s + d, draws, seed));
      for (let first = 0; first < rows; first += launch.rows) {
        if (signal?.aborted) throw new WorkbenchError('cancelled', 'The prediction was cancelled');
        const here = Math.min(launch.rows, rows - first);
        part.fill(first, here);
        const outputs = await program.run({ state: this.#nothing, batch: { ...weights.tensors(), ...part.tensors }, noise: { seed, step: s } });
        for (let d = 0; d < count; d++) receiver.rows(s + d, first, here, entry(outputs, d, launch.draws));
        report?.((s + (count * (first + here)) / rows) / draws);
        await letMessagesIn();
      }
      receiver.draws?.(s + count);
    }
  }

  async close(): Promise<void> {
    for (const program of this.#programs.values()) await (await program).dispose();
    this.#programs.clear();
    this.#nothing.dispose();
    await this.source.close();
  }

  /** Rows of one launch; a last, smaller part is filled up with earlier rows' leftovers, which are then ignored. */
  #buffers({ rows, x, y }: GivenRows, launchRows: number) {
    const width = x.length / rows;
    const inputs = new Float32Array(launchRows * width);
    const labels = new Int32Array(launchRows);
    const tensors: HostTensors = { x: float32([launchRows, ...this.model.data.inputShape], inputs), ...(y && { y: int32([launchRows], labels) }) };
    const fill = (first: number, count: number) => {
      inputs.set(x.subarray(first * width, (first + count) * width));
      if (y) labels.set(y.subarray(first, first + count));
    };
    return { tensors, fill };
  }

  /** Weights of the draws of one launch. A single draw's are passed on as they are. */
  #stack(draws: number) {
    let single: HostTensors = {};
    const stacked = draws === 1 ? {} : Object.fromEntries(this.#weights().map(([name, { shape }]) => [name, new Float32Array(draws * sizeOf(shape))]));
    const set = (d: number, weights: HostTensors) => {
      single = weights;
      for (const [name, all] of Object.entries(stacked)) all.set(weights[name]!.data, (d * all.length) / draws);
    };
    const tensors = (): HostTensors =>
      draws === 1 ? single : Object.fromEntries(this.#weights().map(([name, { shape }]) => [name, float32([draws, ...shape], stacked[name]!)]));
    return { set, tensors };
  }

  /** Of one draw. */
  #weights(): [name: string, spec: TensorSpec][] {
    const { target, algorithm } = this.model;
    return [...target.parameters, ...(target.statistics?.leaves ?? []), ...(algorithm.predictive?.leaves ?? [])].map(({ name, shape }) => [
      name,
      { dtype: 'float32', shape },
    ]);
  }

  #program({ name, compute }: RowComputation, { rows, draws }: Launch, labelled: boolean): Promise<Program> {
    const weights: TensorSpecs = Object.fromEntries(
      this.#weights().map(([name, { dtype, shape }]) => [name, { dtype, shape: draws === 1 ? shape : [draws, ...shape] }]),
    );
    const x: TensorSpec = { dtype: 'float32', shape: [rows, ...this.model.data.inputShape] };
    const ofRows: TensorSpecs = labelled ? { x, y: { dtype: 'int32', shape: [rows] } } : { x };
    const step: Step = (_state, batch, key) => {
      const part = (names: TensorSpecs) => Object.fromEntries(Object.keys(names).map((name) => [name, batch[name]!]));
      return { info: compute(part(weights), part(ofRows), fold(key, 'forward')) };
    };
    const label = `${name} ${draws} × ${rows}`;
    const known = this.#programs.get(label) ?? this.device.compile(step, { state: {}, batch: { ...weights, ...ofRows } }, `${this.model.identity} ${label}`);
    this.#programs.set(label, known);
    return known;
  }
}

/** Entry d of the leading axis of draws. */
const entry = (outputs: HostTensors, d: number, draws: number): { readonly [name: string]: Float32Array } =>
  Object.fromEntries(
    Object.entries(outputs).map(([name, { data }]) => [name, (data as Float32Array).subarray((d * data.length) / draws, ((d + 1) * data.length) / draws)]),
  );

/** Runs of a device block the thread's event loop; without this, cancelling could not be heard. */
export const letMessagesIn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
