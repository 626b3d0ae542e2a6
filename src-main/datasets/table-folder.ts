/** @file How tables lie on disk: a manifest and one file of float32 values, features before the target and the folds. A missing feature is NaN. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { WorkbenchError } from '../contract/errors';
import { isMissing, replaceFolder } from './folder';

/** All rows of a table, not split yet. Raw units, row-major. */
export interface Table {
  readonly rows: number;
  /** [rows × features], NaN = missing */
  readonly x: Float32Array;
  /** Targets, or class indices. [rows] */
  readonly y: Float32Array;
  /** Where the table brings its own folds, that of each row, counted from 0. [rows] */
  readonly fold?: Float32Array;
}

const Manifest = z.object({
  version: z.literal(1),
  hash: z.string(),
  rows: z.int().positive(),
  features: z.int().positive(),
  folded: z.literal(true).optional(),
});
type Manifest = z.infer<typeof Manifest>;

const files = { manifest: 'table.json', values: 'values.f32' };
const bytesOf = (values: Float32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** In the order of the file. */
const blocksOf = ({ x, y, fold }: Table): readonly Uint8Array[] => [x, y, ...(fold ? [fold] : [])].map(bytesOf);

/** SHA-256 over the float32 values, features before targets before folds; 64 hex digits. */
export const hashTable = (table: Table): string =>
  blocksOf(table)
    .reduce((hash, block) => hash.update(block), createHash('sha256'))
    .digest('hex');

/** Null where there is no such table. */
export async function readTableManifest(folder: string): Promise<Manifest | null> {
  try {
    return Manifest.parse(JSON.parse(await readFile(join(folder, files.manifest), 'utf8')));
  } catch (error) {
    if (isMissing(error)) return null;
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    throw new WorkbenchError('dataset-changed', `${join(folder, files.manifest)} is damaged; delete the dataset and get it again`, { cause: error });
  }
}

/** Bytes on disk. */
export const tableBytes = ({ rows, features, folded }: Pick<Manifest, 'rows' | 'features' | 'folded'>): number => 4 * rows * (features + (folded ? 2 : 1));

/** @returns the table's hash. @throws WorkbenchError `disk-full` */
export async function writeTableFolder(folder: string, table: Table): Promise<string> {
  const { rows, x, fold } = table;
  const manifest: Manifest = { version: 1, hash: hashTable(table), rows, features: x.length / rows, ...(fold && { folded: true }) };
  const content = { [files.values]: [...blocksOf(table)], [files.manifest]: [Buffer.from(JSON.stringify(manifest))] };
  await replaceFolder(folder, content, async () => (await readTableManifest(folder))?.hash === manifest.hash);
  return manifest.hash;
}

/** @throws WorkbenchError `not-found`; `dataset-changed` if the values are not those that were written */
export async function readTableFolder(folder: string, title: string): Promise<Table> {
  const manifest = await readTableManifest(folder);
  if (!manifest) throw new WorkbenchError('not-found', `${title} is not on this computer; download or import it first`);
  if (endianness() !== 'LE') throw new WorkbenchError('unsupported', 'Stored tables can only be read on a little-endian computer');
  const bytes = await readFile(join(folder, files.values)).catch((error: unknown) => {
    if (isMissing(error)) return Buffer.alloc(0);
    throw error;
  });
  const values = new Float32Array(new Uint8Array(bytes).buffer.slice(0, bytes.length - (bytes.length % 4)));
  const { rows, features, folded } = manifest;
  const cut = rows * features;
  const table: Table = { rows, x: values.slice(0, cut), y: values.slice(cut, folded && cut + rows), ...(folded && { fold: values.slice(cut + rows) }) };
  if (hashTable(table) !== manifest.hash)
    throw new WorkbenchError('dataset-changed', `The values of ${title} were changed on disk since they were stored; delete the dataset and get it again`);
  return table;
}
