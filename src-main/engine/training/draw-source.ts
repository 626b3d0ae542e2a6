/** @file Where the weights of a prediction come from: drawn from a state as it is now, or kept during training. */
import { cast } from '@tensorflow/tfjs-core';
import type { Device, DeviceState, Program } from '../backends/device';
import type { HostTensors } from '../numerics/host-tensor';
import { fold } from '../numerics/random';
import type { Step } from '../numerics/step';
import type { BayesianModel } from './bayesian-model';

export interface DrawSource {
  /** How many draws an average of `requested` takes: fewer where there are no more, one where all are the same. */
  count(requested: number): number;
  /** Weights by parameter of draw `s` of an average of `count(requested)`; valid until the next call. */
  weights(s: number, count: number, seed: number): Promise<HostTensors>;
  close(): Promise<void>;
}

/** Draws from a state that stays on its device and may go on changing. Draw s is made from noise step s, or is member s. */
export class StateDraws implements DrawSource {
  #program: Promise<Program> | undefined;

  constructor(
    readonly model: Pick<BayesianModel, 'method' | 'algorithm' | 'identity'>,
    readonly device: Device,
    readonly state: DeviceState,
  ) {}

  count(requested: number): number {
    const { method, algorithm } = this.model;
    return Math.min(requested, algorithm.members ?? (method.randomDraws ? Infinity : 1));
  }

  async weights(s: number, _count: number, seed: number): Promise<HostTensors> {
    return this.draw(s, { seed, step: s });
  }

  /** The draw of this index from this noise. */
  async draw(index: number, noise: { readonly seed: number; readonly step: number }): Promise<HostTensors> {
    const { identity, algorithm } = this.model;
    const step: Step = (state, _batch, key, hyper) => ({ info: algorithm.draw(state, fold(key, 'posterior draw'), cast(hyper['draw']!, 'int32')) });
    this.#program ??= this.device.compile(step, { state: this.state.specs, hyper: ['draw'] }, `${identity} draw`);
    return (await this.#program).run({ state: this.state, hyper: { draw: index }, noise });
  }

  async close(): Promise<void> {
    await (await this.#program)?.dispose();
    this.#program = undefined;
  }
}
