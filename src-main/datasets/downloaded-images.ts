/** @file Datasets of MNIST's kind: four published IDX files, downloaded once, checked and kept. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { WorkbenchError } from '../contract/errors';
import { defineDataset, type DatasetCard, type DatasetKind, type HashedDataset, type LoadContext, type RawPart, type StoredSummary } from './dataset';
import { download } from './download';
import { hashParts } from './hash';
import { idxHeader, readIdx, readIdxShape } from './idx';
import { bytesOf, noRows, readImageFolder, readManifest, writeImageFolder } from './image-folder';
import { imageSettings, type Normalisation } from './normalisation';
import { pairImages } from './pair-images';

const fileNames = {
  trainImages: 'train-images-idx3-ubyte.gz',
  trainLabels: 'train-labels-idx1-ubyte.gz',
  testImages: 't10k-images-idx3-ubyte.gz',
  testLabels: 't10k-labels-idx1-ubyte.gz',
} as const;
type FileKey = keyof typeof fileNames;
const fileKeys = Object.keys(fileNames) as FileKey[];
/** Share of each file in the bytes of the whole, for the progress. */
const share: Record<FileKey, number> = { trainImages: 0.852, trainLabels: 0.003, testImages: 0.144, testLabels: 0.001 };

/** md5: of the compressed file as published. sha256: of its decompressed bytes, where known. */
export interface Checksums {
  readonly md5: string;
  readonly sha256?: string;
}

export interface DownloadedImages extends Pick<DatasetCard, 'id' | 'title' | 'description' | 'citation' | 'licence' | 'classes' | 'standIn'> {
  readonly normalisation: Normalisation;
  /** Addresses of folders that hold the four files, best first. */
  readonly hosts: readonly string[];
  readonly checksums: Record<FileKey, Checksums>;
  /** Milliseconds without a byte after which a host is given up. */
  readonly patience?: number;
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const settingsOf = (normalisation: Normalisation) => z.object(imageSettings(normalisation));

export function downloadedImages({ normalisation, hosts, checksums, patience, ...card }: DownloadedImages): DatasetKind<ReturnType<typeof settingsOf>> {
  const { id, title } = card;
  /** Read-only copies beside the data folder, for machines without network: $CREDENCE_DATA/<id>. */
  const bundled = () => (process.env['CREDENCE_DATA'] ? join(process.env['CREDENCE_DATA'], id) : null);

  async function read(folder: string, key: FileKey, { signal }: LoadContext) {
    const name = fileNames[key];
    const array = await readIdx(join(folder, name), { name: `${title} ${name}`, ...(signal && { signal }) });
    const expected = checksums[key].sha256;
    const found = createHash('sha256').update(idxHeader(array.shape)).update(array.data).digest('hex');
    if (expected && found !== expected)
      throw new WorkbenchError(
        'checksum-mismatch',
        `${title} ${name}: its content has the SHA-256 ${found}, published is ${expected}; delete the file and get it again`,
      );
    return array;
  }
  async function readPart(folder: string, part: 'train' | 'test', context: LoadContext) {
    const images = await read(folder, `${part}Images`, context);
    const labels = await read(folder, `${part}Labels`, context);
    return pairImages(images, labels, { images: `${title} ${part} images`, labels: `${title} ${part} labels` });
  }

  /** Null where the files are absent; the training part may be. */
  async function bundledFolder(): Promise<{ folder: string; hasTrain: boolean } | null> {
    const folder = bundled();
    if (!folder || !(await exists(join(folder, fileNames.testImages)))) return null;
    return { folder, hasTrain: await exists(join(folder, fileNames.trainImages)) };
  }

  async function stored(folder: string): Promise<StoredSummary | null> {
    const manifest = await readManifest(join(folder, id));
    if (manifest) return { rows: manifest.rows, bytes: bytesOf(manifest), hash: manifest.hash };
    const found = await bundledFolder();
    if (!found) return null;
    const rows = async (key: FileKey) => (await readIdxShape(join(found.folder, fileNames[key]), { name: fileNames[key] }))[0]!;
    return { rows: { train: found.hasTrain ? await rows('trainLabels') : 0, test: await rows('testLabels') }, bytes: 0, hash: null };
  }

  async function load(context: LoadContext): Promise<HashedDataset> {
    const found = (await readManifest(join(context.folder, id))) ? null : await bundledFolder();
    if (!found) return readImageFolder(join(context.folder, id), title, context);
    const train: RawPart = found.hasTrain ? await readPart(found.folder, 'train', context) : noRows;
    const raw = { train, test: await readPart(found.folder, 'test', context) };
    return { ...raw, hash: hashParts(raw) };
  }

  /** The hash of the first verified download is kept, also when the dataset is deleted, and every later one must match it. */
  async function checkAgainstFirst(folder: string, hash: string): Promise<void> {
    const record = join(folder, `${id}.sha256`);
    if (!(await exists(record))) return writeFile(record, `${hash}\n`);
    const first = (await readFile(record, 'utf8')).trim();
    if (hash !== first)
      throw new WorkbenchError(
        'checksum-mismatch',
        `${title} as downloaded now has the SHA-256 ${hash}, at the first download it was ${first}; if you trust the new one, delete ${record}`,
      );
  }

  async function prepare(context: LoadContext): Promise<void> {
    if (await stored(context.folder)) return;
    const { folder, signal, report } = context;
    const downloads = join(folder, `${id}.download`);
    const mirror = process.env['CREDENCE_MIRROR'];
    const bases = [...(mirror ? [`${mirror.replace(/\/$/, '')}/${id}/`] : []), ...hosts];
    let before = 0;
    for (const key of fileKeys) {
      await download(title, {
        urls: bases.map((base) => base + fileNames[key]),
        path: join(downloads, fileNames[key]),
        check: checksums[key].md5,
        ...(signal && { signal }),
        ...(patience && { patience }),
        report: (fraction, host) => report?.(Math.min(1, before + share[key] * fraction), `Downloading ${title} from ${host}`),
      });
      before += share[key];
    }
    report?.(1, `Checking ${title}`);
    const train = await readPart(downloads, 'train', context);
    const test = await readPart(downloads, 'test', context);
    await checkAgainstFirst(folder, hashParts({ train, test }));
    await mkdir(folder, { recursive: true });
    await writeImageFolder(join(folder, id), { train, test }, train.imageShape);
    await rm(downloads, { recursive: true, force: true });
  }

  return defineDataset({
    ...card,
    task: 'classification',
    inputShape: [28, 28, 1],
    target: { name: 'class', unit: '' },
    recommended: { architecture: '1200-1200', likelihood: { id: 'categorical', settings: {} }, training: { epochs: 20, batchSize: 100 } },
    settings: settingsOf(normalisation),
    source: 'download',
    stored,
    prepare,
    load,
  });
}
