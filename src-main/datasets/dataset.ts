/** @file What a dataset is: a card (who made it, what it holds) and a source (generated, downloaded or imported). */
import type { z } from 'zod';
import type { PublishedResult } from '../contract/cross-validation';
import type { Component } from '../contract/spec';

/** One part in memory. x: raw pixels 0–255 (images) or raw units (tables), row-major [rows × features]. */
export interface RawPart {
  readonly rows: number;
  readonly x: Uint8Array | Float32Array;
  /** Class indices, or targets in raw units [rows × targets]. */
  readonly y: Uint8Array | Int32Array | Float32Array;
}

export interface RawDataset {
  /** Zero rows where there are none: then the dataset serves as out-of-distribution data only. */
  readonly train: RawPart;
  readonly test: RawPart;
}

/** A raw dataset that has been read whole and hashed. */
export interface HashedDataset extends RawDataset {
  /** SHA-256 over the raw bytes, x before y, train before test; 64 hex digits. */
  readonly hash: string;
}

/** What is known of a dataset without reading its rows. */
export interface StoredSummary {
  readonly rows: { readonly train: number; readonly test: number };
  /** On disk; 0 while a generated dataset has not been made. */
  readonly bytes: number;
  /** Null until it has been read or made once. */
  readonly hash: string | null;
}

/** What a model is fed with: standardised float32 inputs. Made by `loadDataset`. */
export interface PreparedPart {
  readonly rows: number;
  readonly x: Float32Array; // [rows × Π inputShape]
  readonly y: Int32Array | Float32Array; // classes [rows], or standardised targets [rows × targets]
}

export interface PreparedDataset {
  readonly id: string;
  readonly title: string;
  readonly task: { readonly kind: 'classification' | 'regression'; readonly outputs: number };
  readonly inputShape: readonly number[];
  readonly imageShape: readonly [height: number, width: number] | null;
  readonly classes: readonly string[];
  readonly target: { readonly name: string; readonly unit: string };
  readonly train: PreparedPart;
  readonly validation: PreparedPart;
  readonly test: PreparedPart;
  /** For pictures and raw units: row i of `raw.test` belongs to row i of `test`; `raw.train` is the training part before the validation split. */
  readonly raw: RawDataset;
  /** In raw units: x = (raw − xMean)/xSd, one value per feature or one for all; y = (raw − yMean)/ySd for regression. */
  readonly scaling: { readonly xMean: readonly number[]; readonly xSd: readonly number[]; readonly yMean: number; readonly ySd: number };
  /** SHA-256 over the raw bytes of train and test part. */
  readonly hash: string;
  /** The exact posterior predictive where one is known (GP toys), in raw units. */
  readonly exactPredictive: ExactPredictive | null;
}

/** Mean, total and epistemic standard deviation of p(y | x, training rows) at each x, in raw units. */
export type ExactPredictive = (x: readonly number[]) => { mean: number[]; total: number[]; epistemic: number[] };

export interface DatasetCard {
  readonly id: string;
  readonly title: string;
  readonly task: 'classification' | 'regression';
  readonly inputShape: readonly number[];
  readonly classes: readonly string[];
  /** Columns, counted from 0, that hold category codes: they are not standardised. */
  readonly codes?: readonly number[];
  readonly target: { readonly name: string; readonly unit: string };
  /** Names of a table's features. */
  readonly features?: readonly string[];
  /** Folds that a table names itself. */
  readonly givenFolds?: number;
  readonly description: string;
  readonly citation: string;
  readonly licence: string;
  readonly recommended: {
    readonly architecture: string;
    readonly likelihood: Component;
    readonly prior?: Component;
    readonly training: Readonly<Record<string, number>>;
    /** Settings of any method, as far as it knows them. */
    readonly method?: Readonly<Record<string, number>>;
  };
  /** Data of the same shape and classes, to be looked at in its place until it has been downloaded. */
  readonly standIn?: Component;
  /** Results of the literature to compare with. */
  readonly published?: readonly PublishedResult[];
}

export interface LoadContext {
  /** The data folder's `datasets/`. */
  readonly folder: string;
  readonly signal?: AbortSignal;
  report?(fraction: number, message: string): void;
}

export interface DatasetKind<Settings extends z.ZodObject = z.ZodObject> extends DatasetCard {
  readonly settings: Settings;
  readonly source: 'generated' | 'download' | 'import';
  /** What is at hand without network; null when it must be downloaded or imported first. */
  stored(folder: string): Promise<StoredSummary | null>;
  /** Downloads or generates into the cache, with the default settings. @throws WorkbenchError `download-failed`, `checksum-mismatch`, `cancelled`, `disk-full` */
  prepare(context: LoadContext): Promise<void>;
  /** Reads what is stored; generates what is not. @throws WorkbenchError `not-found` before `prepare` of a download, `dataset-changed` if the disk holds other bytes. */
  load(context: LoadContext, settings: z.output<Settings>): Promise<HashedDataset>;
  /** Given the training rows that a model sees. Raw units. */
  exactPredictive?(train: RawPart, settings: z.output<Settings>): ExactPredictive;
}

export const defineDataset = <Settings extends z.ZodObject>(kind: DatasetKind<Settings>): DatasetKind<Settings> => kind;
