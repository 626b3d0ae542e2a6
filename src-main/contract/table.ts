/** @file Tables: what a file of columns holds, and how it becomes features and a target. */
import { z } from 'zod';
import { EntryId, FileId } from './ids';

/** A column of a file: `number` if every value that is there is a number. */
export const TableColumn = z.object({ name: z.string(), kind: z.enum(['number', 'category']), missing: z.int().min(0), distinct: z.int().min(0) });
export type TableColumn = z.infer<typeof TableColumn>;

/**
 * What becomes of a column. number: its values. one-hot: one feature 0/1 for each category. codes: one feature, categories counted from 0 in their order and not standardised, for an embedding layer.
 * fold: no feature; rows of the same value are tested together, in a cross-validation of its own splits.
 */
export const ColumnUse = z.enum(['number', 'one-hot', 'codes', 'target', 'fold', 'ignore']);
export type ColumnUse = z.infer<typeof ColumnUse>;

/** A look into the file before it is imported, with the use of each column that suggests itself. */
export const TablePreview = z.object({ rows: z.int(), columns: z.array(TableColumn), uses: z.array(ColumnUse), head: z.array(z.array(z.string())) });
export type TablePreview = z.infer<typeof TablePreview>;

export const Task = z.enum(['regression', 'classification']);

/** Rows as steps in time: how many a model sees, and how far ahead of the last one the target lies. */
export const SequenceWindow = z.object({ window: z.int().min(2).max(256).default(32), horizon: z.int().min(1).max(1000).default(1) });
export type SequenceWindow = z.infer<typeof SequenceWindow>;

export const TableImport = z.object({
  title: z.string().min(1).max(80),
  file: FileId,
  task: Task,
  /** One for each column of the file; exactly one is the target, at most one names folds. */
  uses: z.array(ColumnUse).min(2),
  /** Rows with missing values: refuse the file, leave those rows out, or put the training part's mean in their place. A missing target is never filled. */
  missing: z.enum(['refuse', 'drop', 'mean']).default('refuse'),
  /** Unit of the target, for axes and tables. */
  unit: z.string().max(40).default(''),
  /** Rows are steps in time, in order; the target's own past is a feature too. Else each row is a case by itself. */
  sequence: SequenceWindow.optional(),
});
export type TableImport = z.infer<typeof TableImport>;

/** An imported table as the store keeps it. */
export const ImportedTable = z.object({
  kind: z.literal('table'),
  id: EntryId,
  title: z.string(),
  hash: z.string(),
  task: Task,
  rows: z.int().positive(),
  /** After encoding: one name for each feature that the network sees. */
  features: z.array(z.string()).min(1),
  /** Which of them, counted from 0, hold category codes. */
  codes: z.array(z.int().min(0)).optional(),
  target: z.object({ name: z.string(), unit: z.string() }),
  classes: z.array(z.string()), // empty for regression
  /** Names of the folds that a column gave. */
  folds: z.array(z.string()).optional(),
  sequence: SequenceWindow.optional(),
});
export type ImportedTable = z.infer<typeof ImportedTable>;
