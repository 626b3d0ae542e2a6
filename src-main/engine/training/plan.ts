/** @file The course of a training: how many steps it has, and where each of them stands. */
import type { Training } from '../../contract/spec';
import type { Time } from '../inference/method';
import type { BayesianModel } from './bayesian-model';

export interface Plan {
  /** Rows of a step but for the last of an epoch. */
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  /** The training's epochs and the sweeps after them. */
  readonly epochs: number;
  readonly steps: number;
  /** Where the step after `step` done ones stands. */
  time(step: number): Time;
}

/** The course of `training` over `rows` rows. */
export function planTraining({ epochs, batchSize }: Training, rows: number, { method, algorithm }: Pick<BayesianModel, 'method' | 'algorithm'>): Plan {
  const size = method.batches === 'all' || batchSize === 0 ? rows : Math.min(batchSize, rows);
  const stepsPerEpoch = Math.ceil(rows / size);
  const passes = epochs + (algorithm.sweeps ?? 0);
  return {
    batchSize: size,
    stepsPerEpoch,
    epochs: passes,
    steps: passes * stepsPerEpoch,
    time(step) {
      const epoch = Math.floor(step / stepsPerEpoch);
      return { step, epoch, stepInEpoch: step - epoch * stepsPerEpoch, stepsPerEpoch, epochs };
    },
  };
}
