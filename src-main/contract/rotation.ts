/** @file Result of the `rotation` experiment. */
import { z } from 'zod';
import { StudiedRun } from './experiment';

/** Mean and standard deviation over the images, one entry a point of the curve. */
export const Spread = z.object({ mean: z.array(z.number()), sd: z.array(z.number()) });
export type Spread = z.infer<typeof Spread>;

export const Rotation = z.object({
  runs: z
    .array(
      StudiedRun.extend({
        classes: z.array(z.string()),
        imageShape: z.tuple([z.int(), z.int()]),
        /** One test image at each of its angles (degrees). */
        one: z.object({
          row: z.int(),
          label: z.int(),
          angles: z.array(z.number()),
          pixels: z.array(z.array(z.int().min(0).max(255))), // [angles][height × width]
          probabilities: z.array(z.array(z.number())), // [angles][classes], mean predictive
        }),
        /** The test part at each angle. Entropies in nats. */
        all: z.object({
          rows: z.int(),
          angles: z.array(z.number()),
          probability: Spread,
          total: Spread,
          aleatoric: Spread,
          epistemic: Spread,
          /** The rows of largest total entropy at each angle; unknown of results of the first version. */
          examples: z.array(z.array(z.int())).optional(),
        }),
      }),
    )
    .min(1),
});
export type Rotation = z.infer<typeof Rotation>;
export type RotatedRun = Rotation['runs'][number];
