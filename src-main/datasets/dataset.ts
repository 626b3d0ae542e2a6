/** @file What a dataset is: a card (who made it, what it holds) and a source (generated, downloaded or imported). */
import type { z } from 'zod';

/** One part in memory. x: raw pixels 0–255 (images) or raw units (tables), row-major [rows × features]. */
export interface RawPart {
  readonly rows: number;
  readonly x: Uint8Array | Float32Array;
  /** Class indices, or targets in raw units [rows × targets]. */
  readonly y: Uint8Array | Int32Array | Float32Array;
}

export interface RawDataset {
  readonly train: RawPart;
  readonly test: RawPart;
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
  /** Raw test part, for pictures and raw units; row i belongs to row i of `test`. */
  readonly raw: RawDataset;
  /** x = (raw·xScale.factor − mean)/sd per feature or one for all; y = (raw − mean)/sd for regression. */
  readonly scaling: { readonly xMean: readonly number[]; readonly xSd: readonly number[]; readonly yMean: number; readonly ySd: number };
  /** SHA-256 over the raw bytes of all parts. */
  readonly hash: string;
  /** The exact posterior predictive where one is known (GP toys), in raw units. */
  readonly exactPredictive: ((x: readonly number[]) => { mean: number[]; total: number[]; epistemic: number[] }) | null;
}

export interface DatasetCard {
  readonly id: string;
  readonly title: string;
  readonly task: 'classification' | 'regression';
  readonly inputShape: readonly number[];
  readonly classes: readonly string[];
  readonly target: { readonly name: string; readonly unit: string };
  readonly description: string;
  readonly citation: string;
  readonly licence: string;
  readonly recommended: { readonly architecture: string; readonly likelihood: string; readonly training: Readonly<Record<string, number>> };
}

export interface DownloadFile {
  readonly name: string;
  /** Published MD5 of the compressed file, if known. */
  readonly md5?: string;
  /** SHA-256 of the decompressed bytes, if known. */
  readonly sha256?: string;
}

export interface LoadContext {
  /** The data folder's `datasets/`. */
  readonly folder: string;
  readonly signal?: AbortSignal;
  report?(fraction: number, message: string): void;
}

export interface DatasetKind<Settings extends z.ZodObject = z.ZodObject> extends DatasetCard {
  readonly settings: Settings;
  readonly source: 'generated' | 'download';
  /** True when `load` needs no network now. */
  isReady(folder: string): Promise<boolean>;
  /** Downloads (and caches) or generates. @throws WorkbenchError `download-failed`, `checksum-mismatch`, `cancelled` */
  prepare(context: LoadContext): Promise<void>;
  load(context: LoadContext, settings: z.output<Settings>): Promise<RawDataset>;
  readonly exactPredictive?: (raw: RawDataset, x: readonly number[], settings: z.output<Settings>) => { mean: number[]; total: number[]; epistemic: number[] };
}

export const defineDataset = <Settings extends z.ZodObject>(kind: DatasetKind<Settings>): DatasetKind<Settings> => kind;
