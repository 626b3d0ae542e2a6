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

/** What chains are judged by. */
export interface Chains {
  /** Draws of all chains. */
  readonly count: number;
  /** Temperature that the chain was to have. */
  readonly temperature: number;
  /** Calls `receive` for each draw. x: [rows × features], standardised as in training. @throws WorkbenchError `cancelled` */
  visit(
    x: Float32Array,
    rows: number,
    train: Rows,
    receive: (draw: ChainDraw) => void,
    options: { readonly signal: AbortSignal; report(fraction: number): void },
  ): Promise<void>;
}

/** Training rows that one draw's temperature is measured on. */
const heatRows = 500;

export const chainDraws = (model: BayesianModel, device: Device, draws: readonly StoredDraw[], temperature: number): Chains => ({
  count: draws.length,
  temperature,
  async visit(x, rows, train, receive, { signal, report }) {
    const { target, data } = model;
    const n = Math.min(heatRows, train.rows);
    const width = train.x.length / train.rows;
    const targets = train.y.length / train.rows;
    const probe = float32([rows, ...data.inputShape], x);
    const sample = float32([n, ...data.inputShape]);
    const labels = train.y instanceof Int32Array ? int32([n]) : float32([n, targets]);
    const nothing = device.upload({});
    const speak = await compile(model, device, { x: probe }, (params, batch, key) => ({ outputs: target.forward(params, batch['x']!, key) }));
    const heat = await compile(model, device, { x: sample, y: labels }, (params, batch, key) => {
      return { temperature: configurationalTemperature(target, params, potential(target, params, batch, key, 1).force, 1) };
    });
    try {
      for (const [i, draw] of draws.entries()) {
        if (signal.aborted) throw new WorkbenchError('cancelled', 'The diagnosis was cancelled');
        const weights = await draw.load();
        const noise = { seed: 1, step: i };
        // Each draw another stretch of rows; they were shuffled into no order that matters to a mean over draws.
        const first = train.rows === n ? 0 : (i * 7919 * n) % (train.rows - n);
        sample.data.set(train.x.subarray(first * width, (first + n) * width));
        labels.data.set(train.y.subarray(first * targets, (first + n) * targets));
        const heated = await heat.run({ state: nothing, batch: { ...weights, x: sample, y: labels }, noise });
        const spoken = await speak.run({ state: nothing, batch: { ...weights, x: probe }, noise });
        const { step, member } = draw;
        receive({ step, member, weights, outputs: spoken['outputs']!.data as Float32Array, temperature: heated['temperature']!.data[0]! });
        report((i + 1) / draws.length);
        await letMessagesIn();
      }
    } finally {
      await speak.dispose();
      await heat.dispose();
      nothing.dispose();
    }
  },
});

/** A program of one draw's weights and the tensors of some rows. */
function compile({ target }: BayesianModel, device: Device, rows: HostTensors, compute: (params: Params, batch: Batch, key: Key) => Batch): Promise<Program> {
  const weights = Object.fromEntries(target.parameters.map(({ name, shape }): [string, TensorSpec] => [name, { dtype: 'float32', shape }]));
  const ofRows: TensorSpecs = Object.fromEntries(Object.entries(rows).map(([name, { dtype, shape }]): [string, TensorSpec] => [name, { dtype, shape }]));
  const part = (batch: Batch, names: TensorSpecs) => Object.fromEntries(Object.keys(names).map((name) => [name, batch[name]!]));
  const step: Step = (_state, batch, key) => ({ info: compute(part(batch, weights), part(batch, ofRows), fold(key, 'forward')) });
  return device.compile(step, { state: {}, batch: { ...weights, ...ofRows } });
}
