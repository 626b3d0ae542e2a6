/** @file How tables lie on disk: a manifest and one file of float32 values, features before the target. A missing feature is NaN. */
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
}

const Manifest = z.object({ version: z.literal(1), hash: z.string(), rows: z.int().positive(), features: z.int().positive() });
type Manifest = z.infer<typeof Manifest>;

const files = { manifest: 'table.json', values: 'values.f32' };
const bytesOf = (values: Float32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** SHA-256 over the float32 values, features before targets; 64 hex digits. */
export const hashTable = ({ x, y }: Table): string => createHash('sha256').update(bytesOf(x)).update(bytesOf(y)).digest('hex');

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
export const tableBytes = ({ rows, features }: Pick<Manifest, 'rows' | 'features'>): number => 4 * rows * (features + 1);

/** @returns the table's hash. @throws WorkbenchError `disk-full` */
export async function writeTableFolder(folder: string, table: Table): Promise<string> {
  const manifest: Manifest = { version: 1, hash: hashTable(table), rows: table.rows, features: table.x.length / table.rows };
  const content = { [files.values]: [bytesOf(table.x), bytesOf(table.y)], [files.manifest]: [Buffer.from(JSON.stringify(manifest))] };
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
  const cut = manifest.rows * manifest.features;
  const table = { rows: manifest.rows, x: values.slice(0, cut), y: values.slice(cut) };
  if (hashTable(table) !== manifest.hash)
    throw new WorkbenchError('dataset-changed', `The values of ${title} were changed on disk since they were stored; delete the dataset and get it again`);
  return table;
}
