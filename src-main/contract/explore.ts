/** @file One image, and what a trained network says of it right now. */
import { z } from 'zod';
import { Decomposition } from './experiment';
import { RunId } from './ids';

export const ExploreRequest = z.object({
  run: RunId,
  /** A row of the test part, or an image of one's own, [height × width] row-major. */
  image: z.union([z.object({ row: z.int().min(0) }), z.object({ pixels: z.array(z.int().min(0).max(255)).max(65_536) })]),
  /** Degrees, counter-clockwise; before the attack. */
  angle: z.number().min(-180).max(180).default(0),
  /** Step of the fast gradient sign method against the label, or against what is predicted where there is none; share of the pixels' range. */
  epsilon: z.number().min(0).max(1).default(0),
  draws: z.int().min(1).max(1000).default(50),
});
export type ExploreRequest = z.infer<typeof ExploreRequest>;

export const Explored = z.object({
  classes: z.array(z.string()),
  imageShape: z.tuple([z.int(), z.int()]),
  /** Whose test part can be looked at: the run's own, unless that must be downloaded first. */
  dataset: z.string(),
  /** Of the test part. */
  rows: z.int(),
  /** As the network saw it, turned and attacked. */
  pixels: z.array(z.int().min(0).max(255)),
  label: z.int().nullable(),
  draws: z.int(),
  probabilities: z.array(z.number()), // [classes], mean predictive
  votes: z.array(z.int()), // [classes], draws whose arg-max is the class
  uncertainty: Decomposition, // nats
});
export type Explored = z.infer<typeof Explored>;
