/** @file How the learning rate changes over training; one home for every method that follows gradients. */
import { z } from 'zod';
import type { Time } from './method';

export const learningRateSettings = {
  learningRate: z.number().min(1e-8).max(100).default(1e-3).meta({
    title: 'Learning rate',
    scale: 'log',
    description:
      'Step along the gradient of the objective per row. About 0.001 for Adam and RMSprop, 0.1 for SGD, 1 for Adadelta. Rates given for a loss summed over the batch, as in the reference repository, are multiplied by the batch size: its 0.001 is 0.1 at batch 100.',
  }),
  rateSchedule: z.enum(['constant', 'step', 'cosine']).default('constant').meta({
    title: 'Learning-rate schedule',
    description: 'constant: the same throughout. step: multiplied by a factor every few epochs. cosine: falls to zero along half a cosine.',
  }),
  rateFactor: z
    .number()
    .min(0.001)
    .max(1)
    .default(0.5)
    .meta({ title: 'Factor', description: 'The rate is multiplied by this at each step of the schedule.', when: { rateSchedule: ['step'] } }),
  rateEvery: z
    .int()
    .min(1)
    .max(100_000)
    .default(10)
    .meta({ title: 'Every', unit: 'epochs', description: 'Epochs between two steps of the schedule.', when: { rateSchedule: ['step'] } }),
  warmupEpochs: z
    .int()
    .min(0)
    .max(100_000)
    .default(0)
    .meta({ title: 'Warm-up', unit: 'epochs', description: 'The rate rises linearly over these first epochs; 0 means at once.', advanced: true }),
};
export type LearningRateSettings = z.output<z.ZodObject<typeof learningRateSettings>>;

/**
 * The learning rate of a step, with t the epochs done (fractional), W those of the warm-up and T those in all:
 *
 * - warm-up: η (t + one step)/W while t < W (Goyal et al. 2017, sec. 2.2)
 * - constant: η
 * - step: η γ^⌊t/k⌋
 * - cosine: η ½ (1 + cos π (t − W)/(T − W)) (Loshchilov & Hutter 2017, SGDR, eq. 5 with one cycle)
 */
export function learningRateAt({ learningRate, rateSchedule, rateFactor, rateEvery, warmupEpochs }: LearningRateSettings, time: Time): number {
  const { epoch, stepInEpoch, stepsPerEpoch, epochs } = time;
  const done = epoch + stepInEpoch / stepsPerEpoch;
  if (done < warmupEpochs) return (learningRate * (done + 1 / stepsPerEpoch)) / warmupEpochs;
  switch (rateSchedule) {
    case 'constant':
      return learningRate;
    case 'step':
      return learningRate * rateFactor ** Math.floor(epoch / rateEvery);
    case 'cosine': {
      const share = Math.min(1, (done - warmupEpochs) / Math.max(1, epochs - warmupEpochs)); // later sweeps stay at the end
      return learningRate * 0.5 * (1 + Math.cos(Math.PI * share));
    }
  }
}
