/** @file Branded identifiers. Ids of runs, imports, experiments and files are made by the store; registry ids are written in code. */
import { z } from 'zod';

const madeId = <B extends string>(prefix: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}-[0-9a-z]{4,32}$`))
    .brand<B>();

export const RunId = madeId<'RunId'>('run');
export type RunId = z.infer<typeof RunId>;

export const ExperimentId = madeId<'ExperimentId'>('exp');
export type ExperimentId = z.infer<typeof ExperimentId>;

export const CrossValidationId = madeId<'CrossValidationId'>('cv');
export type CrossValidationId = z.infer<typeof CrossValidationId>;

export const ArchitectureId = madeId<'ArchitectureId'>('arch');
export type ArchitectureId = z.infer<typeof ArchitectureId>;

/** A file that was uploaded, or an artifact that may be fetched, through `/files`. */
export const FileId = madeId<'FileId'>('file');
export type FileId = z.infer<typeof FileId>;

/** Id of a registry entry (method, layer, prior, likelihood, dataset, experiment) or of an imported dataset. */
export const EntryId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/);
export type EntryId = z.infer<typeof EntryId>;
