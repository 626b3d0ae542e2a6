/** @file The kept draws of chains, one by one, for judging the chains: their weights, what the network says of some rows, and how hot they are. */
import { WorkbenchError } from '../../contract/errors';
import type { Device, Program } from '../backends/device';
import { configurationalTemperature, potential } from '../inference/sampler';
import { float32, int32, type HostTensors, type TensorSpec, type TensorSpecs } from '../numerics/host-tensor';
import { fold, type Key } from '../numerics/random';
import type { Batch, Step } from '../numerics/step';
import type { Params } from '../numerics/tree';
import type { BayesianModel } from './bayesian-model';
import type { StoredDraw } from './kept-draws';
import type { Rows } from './minibatches';
import { letMessagesIn } from './launches';

export interface ChainDraw extends Pick<StoredDraw, 'step' | 'member'> {
  /** By parameter; valid until the next draw. */
  readonly weights: HostTensors;
  /** Network outputs before the likelihood, [rows × outputs]; valid until the next draw. */
  readonly outputs: Float32Array;
  /** ⟨θ, ∇U⟩/d from a minibatch of the training rows: unbiased for the configurational temperature. */
  readonly temperature: number;
}

/** What is computed of a draw. */
export type Heard = Pick<ChainDraw, 'outputs' | 'temperature'>;

/** What chains are judged by. */
export interface Chains {
  /** Draws of all chains. */
  readonly count: number;
  /** Temperature that the chain was to have. */
  readonly temperature: number;
  /** Calls `receive` for each draw; what is `known` of the first ones is not computed again. x: [rows × features], standardised as in training. @throws WorkbenchError `cancelled` */
  visit(
    x: Float32Array,
    rows: number,
    train: Rows,
    receive: (draw: ChainDraw) => void,
    options: { readonly signal: AbortSignal; readonly known?: readonly Heard[]; report(fraction: number): void },
  ): Promise<void>;
}

/** Training rows that one draw's temperature is measured on. */
const heatRows = 500;

export const chainDraws = (model: BayesianModel, device: Device, draws: readonly StoredDraw[], temperature: number): Chains => ({
  count: draws.length,
  temperature,
  async visit(x, rows, train, receive, { signal, known = [], report }) {
    const { target, data } = model;
    const n = Math.min(heatRows, train.rows);
    const width = train.x.length / train.rows;
    const targets = train.y.length / train.rows;
    const sample = float32([n, ...data.inputShape]);
    const labels = train.y instanceof Int32Array ? int32([n]) : float32([n, targets]);
    const nothing = device.upload({});
    const probe = await openProbe(model, device, x, rows);
    const heat = await compile(model, device, { x: sample, y: labels }, (params, batch, key) => {
      return { temperature: configurationalTemperature(target, params, potential(target, params, batch, key, 1).force, 1) };
    });
    try {
      for (const [i, draw] of draws.entries()) {
        if (signal.aborted) throw new WorkbenchError('cancelled', 'The diagnosis was cancelled');
        const weights = await draw.load();
        receive({ step: draw.step, member: draw.member, weights, ...(known[i] ?? (await listen(weights, i))) });
        report((i + 1) / draws.length);
        await letMessagesIn();
      }
    } finally {
      await probe.close();
      await heat.dispose();
      nothing.dispose();
    }

    async function listen(weights: HostTensors, i: number): Promise<Heard> {
      // Each draw another stretch of rows; they were shuffled into no order that matters to a mean over draws.
      const first = train.rows === n ? 0 : (i * 7919 * n) % (train.rows - n);
      sample.data.set(train.x.subarray(first * width, (first + n) * width));
      labels.data.set(train.y.subarray(first * targets, (first + n) * targets));
      const { temperature } = await heat.run({ state: nothing, batch: { ...weights, x: sample, y: labels }, noise: { seed: 1, step: i } });
      return { outputs: await probe.outputs(weights, i), temperature: temperature!.data[0]! };
    }
  },
});

/** What the network says of the same rows at any weights. */
export interface Probe {
  /** Outputs before the likelihood, [rows × outputs]; valid until the next call. `step` fixes the noise of layers that draw any. */
  outputs(weights: HostTensors, step: number): Promise<Float32Array>;
  close(): Promise<void>;
}

export async function openProbe(model: BayesianModel, device: Device, x: Float32Array, rows: number): Promise<Probe> {
  const input = float32([rows, ...model.data.inputShape], x);
  const program = await compile(model, device, { x: input }, (params, batch, key) => ({ outputs: model.target.forward(params, batch['x']!, key) }));
  const state = device.upload({});
  return {
    async outputs(weights, step) {
      const { outputs } = await program.run({ state, batch: { ...weights, x: input }, noise: { seed: 1, step } });
      return outputs!.data as Float32Array;
    },
    async close() {
      await program.dispose();
      state.dispose();
    },
  };
}

/** A program of one draw's weights and the tensors of some rows. */
function compile({ target }: BayesianModel, device: Device, rows: HostTensors, compute: (params: Params, batch: Batch, key: Key) => Batch): Promise<Program> {
  const weights = Object.fromEntries(target.parameters.map(({ name, shape }): [string, TensorSpec] => [name, { dtype: 'float32', shape }]));
  const ofRows: TensorSpecs = Object.fromEntries(Object.entries(rows).map(([name, { dtype, shape }]): [string, TensorSpec] => [name, { dtype, shape }]));
  const part = (batch: Batch, names: TensorSpecs) => Object.fromEntries(Object.keys(names).map((name) => [name, batch[name]!]));
  const step: Step = (_state, batch, key) => ({ info: compute(part(batch, weights), part(batch, ofRows), fold(key, 'forward')) });
  return device.compile(step, { state: {}, batch: { ...weights, ...ofRows } });
}
