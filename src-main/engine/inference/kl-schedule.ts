/** @file How the weight of the KL term changes over training: βₜ κₜ of the objective −(N/n) Σ E log p + βₜ κₜ KL. */
import { z } from 'zod';
import type { Time } from './method';

export const KlSchedule = z.enum(['constant', 'blundell', 'linear']);
export type KlSchedule = z.infer<typeof KlSchedule>;

/**
 * Weight of the KL at the given time, before the user's own factor. Unitless.
 *
 * - constant: 1
 * - blundell: κᵢ = M 2^(M−i) / (2^M − 1) for step i = 1…M of each epoch; its mean over the epoch is 1
 * - linear: from 0 to 1 over the first `annealEpochs` epochs, then 1
 *
 * @see Blundell et al. (2015), Weight Uncertainty in Neural Networks, sec. 3.4 (their πᵢ = κᵢ / M); Bowman et al. (2016) for annealing.
 */
export function klScale(schedule: KlSchedule, { epoch, stepInEpoch, stepsPerEpoch }: Time, annealEpochs: number): number {
  switch (schedule) {
    case 'constant':
      return 1;
    case 'blundell':
      return (stepsPerEpoch * 2 ** -(stepInEpoch + 1)) / (1 - 2 ** -stepsPerEpoch); // 2^M itself overflows from M = 1024
    case 'linear':
      return Math.min(1, (epoch + stepInEpoch / stepsPerEpoch) / annealEpochs);
  }
}
