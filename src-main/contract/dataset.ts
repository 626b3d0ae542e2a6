/** @file Datasets as the user sees them: what there is, whether it is on disk, how it looks. */
import { z } from 'zod';
import { ErrorReport } from './errors';
import { EntryId, FileId } from './ids';
import { ImportedTable } from './table';

export const Part = z.enum(['train', 'validation', 'test']);
export type Part = z.infer<typeof Part>;

/** ready = on disk or generated on use; missing = must be downloaded or imported; preparing = download or generation in progress. */
export const DatasetStatus = z.object({
  id: EntryId,
  title: z.string(),
  task: z.enum(['classification', 'regression']),
  source: z.enum(['generated', 'download', 'import']),
  state: z.enum(['ready', 'missing', 'preparing', 'failed']),
  progress: z.object({ fraction: z.number().min(0).max(1), message: z.string() }).nullable(),
  error: ErrorReport.nullable(),
  rows: z.object({ train: z.int(), test: z.int() }).nullable(),
  bytes: z.int().nullable(),
  hash: z.string().nullable(),
  description: z.string(),
  citation: z.string(),
  licence: z.string(),
  inputShape: z.array(z.int().positive()),
  classes: z.array(z.string()),
});
export type DatasetStatus = z.infer<typeof DatasetStatus>;

/** A look into a dataset. Images: `pixels` [rows × height × width] in 0–255. Regression: x, y in raw units. */
export const DatasetPreview = z.object({
  rows: z.int(),
  imageShape: z.tuple([z.int(), z.int()]).nullable(),
  pixels: z.instanceof(Uint8Array).nullable(),
  labels: z.array(z.int()),
  histogram: z.array(z.object({ label: z.string(), count: z.int() })),
  /** Rows of a table in raw units, null = missing; the target last. */
  table: z.object({ columns: z.array(z.string()), cells: z.array(z.array(z.number().nullable())) }).nullable(),
  points: z.object({ x: z.instanceof(Float64Array), y: z.instanceof(Float64Array) }).nullable(),
  /** Mean and sd of pixel/255 over the training rows. */
  statistics: z.object({ mean: z.number(), sd: z.number() }).nullable(),
});
export type DatasetPreview = z.infer<typeof DatasetPreview>;

/** The uploaded files of an IDX import; test files may be left out, then the last 1/7 of the rows are the test part. */
export const IdxImport = z.object({
  title: z.string().min(1).max(80),
  trainImages: FileId,
  trainLabels: FileId,
  testImages: FileId.optional(),
  testLabels: FileId.optional(),
  normalisation: z.enum(['standardise', 'mnist', 'unit']).default('standardise'),
});
export type IdxImport = z.infer<typeof IdxImport>;

/** Imported images as the store keeps them. */
export const ImportedImages = z.object({
  kind: z.literal('images'),
  id: EntryId,
  title: z.string(),
  hash: z.string(),
  normalisation: IdxImport.shape.normalisation,
  rows: z.object({ train: z.int(), test: z.int() }),
  imageShape: z.tuple([z.int(), z.int()]),
  classes: z.array(z.string()),
});
export type ImportedImages = z.infer<typeof ImportedImages>;

/** An imported dataset: a database row, not a registry entry, so workers are told of it. */
export const ImportedDataset = z.discriminatedUnion('kind', [ImportedImages, ImportedTable]);
export type ImportedDataset = z.infer<typeof ImportedDataset>;
