/** @file How image datasets lie on disk: one folder of IDX files with a manifest. A folder appears whole or not at all. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { WorkbenchError } from '../contract/errors';
import type { HashedDataset, LoadContext, RawDataset, RawPart } from './dataset';
import { isMissing, replaceFolder } from './folder';
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

/**
 * Writes beside `folder` and renames, so that a crash leaves nothing half. What was there before is replaced, unless it is the same.
 *
 * @throws WorkbenchError `disk-full`
 */
export async function writeImageFolder(folder: string, raw: RawDataset, imageShape: readonly [number, number]): Promise<Manifest> {
  const manifest: Manifest = { version: 1, hash: hashParts(raw), rows: { train: raw.train.rows, test: raw.test.rows }, imageShape: [...imageShape] };
  const content: Record<string, readonly Uint8Array[]> = {};
  for (const part of parts) {
    const { rows, x, y } = raw[part];
    if (rows === 0) continue;
    const { images, labels } = files(part);
    content[images] = [idxHeader([rows, ...imageShape]), x as Uint8Array];
    content[labels] = [idxHeader([rows]), y as Uint8Array];
  }
  content[manifestFile] = [Buffer.from(JSON.stringify(manifest))];
  await replaceFolder(folder, content, async () => (await readManifest(folder))?.hash === manifest.hash);
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
