/** @file How image datasets lie on disk: one folder of IDX files with a manifest. A folder appears whole or not at all. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { WorkbenchError } from '../contract/errors';
import type { HashedDataset, LoadContext, RawDataset, RawPart } from './dataset';
import { hashParts } from './hash';
import { idxHeader, readIdx } from './idx';

const Manifest = z.object({
  version: z.literal(1),
  hash: z.string(),
  rows: z.object({ train: z.int(), test: z.int() }),
  imageShape: z.tuple([z.int(), z.int()]),
});
export type Manifest = z.infer<typeof Manifest>;

const manifestFile = 'manifest.json';
const parts = ['train', 'test'] as const;
const files = (part: (typeof parts)[number]) => ({ images: `${part}-images.idx`, labels: `${part}-labels.idx` });

export const noRows: RawPart = { rows: 0, x: new Uint8Array(0), y: new Uint8Array(0) };
const isMissing = (error: unknown) => error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

/** A full disk as the error a user can act on; anything else unchanged. */
export function namingFullDisk(error: unknown, path: string): unknown {
  const full = error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
  return full ? new WorkbenchError('disk-full', `The disk is full: ${path} could not be written. Free some space, then try again.`, { cause: error }) : error;
}

/** Null where there is no such dataset. @throws WorkbenchError `dataset-changed` if the manifest is not one that was written here. */
export async function readManifest(folder: string): Promise<Manifest | null> {
  try {
    return Manifest.parse(JSON.parse(await readFile(join(folder, manifestFile), 'utf8')));
  } catch (error) {
    if (isMissing(error)) return null;
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    throw new WorkbenchError('dataset-changed', `${join(folder, manifestFile)} is damaged; delete the dataset and download or import it again`, {
      cause: error,
    });
  }
}

/** Bytes of the images and labels that a manifest stands for. */
export const bytesOf = ({ rows, imageShape: [height, width] }: Manifest): number => (rows.train + rows.test) * (height * width + 1);

async function writeSynced(path: string, ...chunks: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const chunk of chunks) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Writes beside `folder` and renames, so that a crash leaves nothing half. What was there before is replaced, unless it is the same.
 *
 * @throws WorkbenchError `disk-full`
 */
export async function writeImageFolder(folder: string, raw: RawDataset, imageShape: readonly [number, number]): Promise<Manifest> {
  const manifest: Manifest = { version: 1, hash: hashParts(raw), rows: { train: raw.train.rows, test: raw.test.rows }, imageShape: [...imageShape] };
  const partial = `${folder}.partial-${randomUUID()}`;
  try {
    await mkdir(partial, { recursive: true });
    for (const part of parts) {
      const { rows, x, y } = raw[part];
      if (rows === 0) continue;
      const { images, labels } = files(part);
      await writeSynced(join(partial, images), idxHeader([rows, ...imageShape]), x as Uint8Array);
      await writeSynced(join(partial, labels), idxHeader([rows]), y as Uint8Array);
    }
    await writeSynced(join(partial, manifestFile), Buffer.from(JSON.stringify(manifest)));
    if ((await readManifest(folder))?.hash !== manifest.hash) {
      await rm(folder, { recursive: true, force: true });
      await rename(partial, folder);
    }
  } catch (error) {
    // Two workers may make the same dataset at once; the second finds the place taken by equal files.
    if ((await readManifest(folder))?.hash !== manifest.hash) throw namingFullDisk(error, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return manifest;
}

/**
 * Reads a folder and checks it against the hash it was written with.
 *
 * @throws WorkbenchError `not-found` if there is no such dataset, `dataset-changed` if its files are not those that were written.
 */
export async function readImageFolder(folder: string, title: string, { signal }: Pick<LoadContext, 'signal'>): Promise<HashedDataset> {
  const manifest = await readManifest(folder);
  if (!manifest) throw new WorkbenchError('not-found', `${title} is not on this computer; download or import it first`);
  const changed = (detail: string, cause?: unknown) =>
    new WorkbenchError('dataset-changed', `${title} was changed on disk since it was stored (${detail}); delete it and download or import it again`, { cause });
  const read = async (file: string) => {
    try {
      return (await readIdx(join(folder, file), { name: file, ...(signal && { signal }) })).data;
    } catch (error) {
      throw isMissing(error) || (error instanceof WorkbenchError && error.code === 'invalid-file')
        ? changed(`${file}: ${(error as Error).message}`, error)
        : error;
    }
  };
  const readPart = async (part: (typeof parts)[number]): Promise<RawPart> => {
    const rows = manifest.rows[part];
    if (rows === 0) return noRows;
    const { images, labels } = files(part);
    return { rows, x: await read(images), y: await read(labels) };
  };
  const raw = { train: await readPart('train'), test: await readPart('test') };
  const hash = hashParts(raw);
  if (hash !== manifest.hash) throw changed(`SHA-256 ${hash.slice(0, 12)}… instead of ${manifest.hash.slice(0, 12)}…`);
  return { ...raw, hash };
}
