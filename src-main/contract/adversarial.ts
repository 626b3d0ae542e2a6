/** @file Result of the `adversarial` experiment. */
import { z } from 'zod';
import { StudiedRun } from './experiment';
import { Spread } from './rotation';

export const Adversarial = z.object({
  attack: z.enum(['fgsm', 'pgd']),
  units: z.enum(['normalised', 'pixel']),
  runs: z
    .array(
      StudiedRun.extend({
        classes: z.array(z.string()),
        rows: z.int(),
        /** Largest change of an input, in the units above; ascending from 0. */
        epsilons: z.array(z.number()),
        error: z.array(z.number()), // fraction in [0, 1] at each ε
        /** Entropies in nats, means and sds over the attacked rows. */
        probability: Spread, // of the true class
        total: Spread,
        aleatoric: Spread,
        epistemic: Spread,
        /** The first images at each ε; null for rows that are no images. */
        images: z
          .object({
            shape: z.tuple([z.int(), z.int()]),
            shown: z.array(
              z.object({
                row: z.int(),
                label: z.int(),
                pixels: z.array(z.array(z.int().min(0).max(255))), // [epsilons][height × width]
                predicted: z.array(z.int()), // [epsilons]
                votes: z.array(z.array(z.int())), // [epsilons][classes]
              }),
            ),
          })
          .nullable(),
      }),
    )
    .min(1),
});
export type Adversarial = z.infer<typeof Adversarial>;
export type AttackedRun = Adversarial['runs'][number];
