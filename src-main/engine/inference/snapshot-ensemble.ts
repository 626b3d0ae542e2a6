/** @file Several modes in one training: the rate falls, the weights are kept, the rate starts anew. */
import { z } from 'zod';
import { defineMethod, type Time } from './method';
import { pointEstimate, pointMetrics, pointSettings } from './point-estimate';

const settings = z
  .strictObject({
    cycles: z
      .int()
      .min(1)
      .max(1000)
      .default(5)
      .meta({ title: 'Cycles', description: 'How often the learning rate falls from its start to zero; the weights at the end of each are kept as a draw.' }),
    ...pointSettings,
  })
  .omit({ rateSchedule: true, rateFactor: true, rateEvery: true, warmupEpochs: true });

/** The rate's own course takes the place of the optimiser's. */
const constantRate = { rateSchedule: 'constant', rateFactor: 1, rateEvery: 1, warmupEpochs: 0 } as const;

/** Place in the cycle in [0, 1), and whether the cycle ends with this step. */
export function cycleAt({ step, stepsPerEpoch, epochs }: Time, cycles: number): { readonly share: number; readonly ends: boolean } {
  const steps = epochs * stepsPerEpoch;
  const length = Math.ceil(steps / cycles);
  return { share: (step % length) / length, ends: step % length === length - 1 || step === steps - 1 };
}

/** α(t) = (α₀/2) (cos(π mod(t, L)/L) + 1), L = ⌈T/M⌉ */
export const snapshotEnsemble = defineMethod({
  id: 'snapshot-ensemble',
  title: 'Snapshot ensemble',
  reference: 'Huang et al. (2017), Snapshot Ensembles: Train 1, Get M for Free, eq. 2',
  help: 'One training in several cycles: in each the learning rate falls along a cosine to zero, the weights found there are kept, and a jump of the rate drives them on to another place. The kept networks predict together. Use momentum and a large rate, about 0.1.',
  settings,
  converges: 'heuristic',
  randomDraws: false,
  keepsDraws: true,
  switches: ['sample', 'trainable'],
  metrics: pointMetrics,
  build(target, { cycles, ...own }) {
    const point = pointEstimate(target, { ...constantRate, ...own });
    return {
      ...point,
      schedule(time) {
        const { step, hyper } = point.schedule(time);
        const { share, ends } = cycleAt(time, cycles);
        return { step, hyper: { ...hyper, learningRate: hyper['learningRate']! * 0.5 * (Math.cos(Math.PI * share) + 1) }, keep: ends };
      },
    };
  },
});
