/** @file Architectures that the user keeps, and what a network would be on given data. */
import { z } from 'zod';
import { ArchitectureId } from './ids';
import { Architecture } from './spec';

export const SavedArchitecture = z.object({ id: ArchitectureId, architecture: Architecture, savedAt: z.number() });
export type SavedArchitecture = z.infer<typeof SavedArchitecture>;

/** One layer in its place; shapes of one row. */
export const LayerDescription = z.object({
  name: z.string(), // 'dense1'
  input: z.array(z.int()),
  output: z.array(z.int()),
  weights: z.int(), // all of its parameters
  bayesian: z.int(), // those that a Bayesian method puts a posterior over
});
export type LayerDescription = z.infer<typeof LayerDescription>;

/** As far as the layers fit together: a fault ends the list. */
export const NetworkDescription = z.object({ input: z.array(z.int()), layers: z.array(LayerDescription) });
export type NetworkDescription = z.infer<typeof NetworkDescription>;

/** An architecture as a file. */
export const ArchitectureFile = z.object({
  format: z.literal('credence-architecture', { error: 'this is not an architecture of Credence' }),
  version: z.literal(1, { error: 'it was written by a newer Credence; update first' }),
  architecture: Architecture,
});
export type ArchitectureFile = z.infer<typeof ArchitectureFile>;
