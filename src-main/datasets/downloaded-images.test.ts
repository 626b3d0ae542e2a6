import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DatasetKind } from './dataset';
import { downloadedImages, type DownloadedImages } from './downloaded-images';
import { idxHeader } from './idx';
import { kmnist } from './kmnist';
import { mnist } from './mnist';
import { hostFiles, serving, type FileHost } from './testing';

const pixels = (rows: number) => Uint8Array.from({ length: rows * 784 }, (_, i) => (i * 37) & 255);
const content = {
  'train-images-idx3-ubyte.gz': Buffer.concat([idxHeader([20, 28, 28]), pixels(20)]),
  'train-labels-idx1-ubyte.gz': Buffer.concat([idxHeader([20]), Uint8Array.from({ length: 20 }, (_, i) => i % 10)]),
  't10k-images-idx3-ubyte.gz': Buffer.concat([idxHeader([10, 28, 28]), pixels(10)]),
  't10k-labels-idx1-ubyte.gz': Buffer.concat([idxHeader([10]), Uint8Array.from({ length: 10 }, (_, i) => i)]),
};
type Name = keyof typeof content;
const names = Object.keys(content) as Name[];
const zipped = Object.fromEntries(names.map((name) => [name, gzipSync(content[name])])) as Record<Name, Buffer>;
const sum = (kind: 'md5' | 'sha256', bytes: Uint8Array) => createHash(kind).update(bytes).digest('hex');

let folder: string;
let host: FileHost;
beforeEach(async () => {
  vi.stubEnv('CREDENCE_DATA', '');
  vi.stubEnv('CREDENCE_MIRROR', '');
  folder = await mkdtemp(join(tmpdir(), 'credence-images-'));
  host = await hostFiles(Object.fromEntries(names.map((name) => [name, serving(zipped[name])])));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await host.close();
  await rm(folder, { recursive: true });
});

const sums = (name: Name, sha256: string | null = sum('sha256', content[name])) => ({ md5: sum('md5', zipped[name]), ...(sha256 && { sha256 }) });
const tiny = (changes: Partial<DownloadedImages> = {}): DatasetKind =>
  downloadedImages({
    ...{ id: 'tiny', title: 'Tiny', description: '', citation: '', licence: '' },
    classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    normalisation: 'mnist',
    hosts: [host.url],
    checksums: {
      trainImages: sums('train-images-idx3-ubyte.gz'),
      trainLabels: sums('train-labels-idx1-ubyte.gz'),
      testImages: sums('t10k-images-idx3-ubyte.gz'),
      testLabels: sums('t10k-labels-idx1-ubyte.gz'),
    },
    patience: 10_000,
    ...changes,
  });

describe('a downloaded dataset', () => {
  it('is missing, then downloaded with progress, then read from disk without the host', async () => {
    const dataset = tiny();
    expect(await dataset.stored(folder)).toBeNull();
    await expect(dataset.load({ folder }, {})).rejects.toMatchObject({
      code: 'not-found',
      message: 'Tiny is not on this computer; download or import it first',
    });

    const fractions: number[] = [];
    await dataset.prepare({ folder, report: (fraction) => void fractions.push(fraction) });
    expect(fractions.at(-1)).toBe(1);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(host.requests.length).toBe(4);

    await host.close();
    await dataset.prepare({ folder });
    const raw = await dataset.load({ folder }, {});
    expect([raw.train.rows, raw.test.rows]).toEqual([20, 10]);
    expect(raw.train.x).toEqual(pixels(20));
    expect([...raw.test.y]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(raw.hash).toBe(sum('sha256', Buffer.concat([raw.train.x, raw.train.y, raw.test.x, raw.test.y] as Uint8Array[])));
    expect(await dataset.stored(folder)).toEqual({ rows: { train: 20, test: 10 }, bytes: 30 * 785, hash: raw.hash });
    expect(existsSync(join(folder, 'tiny.download'))).toBe(false);
  });

  it('is refused when its content is not what was published', async () => {
    const { checksums } = { checksums: { testLabels: sums('t10k-labels-idx1-ubyte.gz', '0'.repeat(64)) } };
    const dataset = tiny({
      checksums: {
        trainImages: sums('train-images-idx3-ubyte.gz'),
        trainLabels: sums('train-labels-idx1-ubyte.gz'),
        testImages: sums('t10k-images-idx3-ubyte.gz'),
        ...checksums,
      },
    });
    await expect(dataset.prepare({ folder })).rejects.toMatchObject({ code: 'checksum-mismatch' });
    expect(await dataset.stored(folder)).toBeNull();
  });

  it('must be the same at every later download, even after it was deleted', async () => {
    await tiny().prepare({ folder });
    await rm(join(folder, 'tiny'), { recursive: true });
    await tiny().prepare({ folder });
    await rm(join(folder, 'tiny'), { recursive: true });
    await writeFile(join(folder, 'tiny.sha256'), `${'0'.repeat(64)}\n`);
    await expect(tiny().prepare({ folder })).rejects.toMatchObject({
      code: 'checksum-mismatch',
      message: expect.stringContaining('at the first download') as string,
    });
  });

  it('says so when its files were changed on disk', async () => {
    const dataset = tiny();
    await dataset.prepare({ folder });
    const file = join(folder, 'tiny', 'test-images.idx');
    const bytes = await readFile(file);
    bytes[100]! ^= 1;
    await writeFile(file, bytes);
    await expect(dataset.load({ folder }, {})).rejects.toMatchObject({
      code: 'dataset-changed',
      message: expect.stringMatching(/^Tiny was changed on disk .* delete it and download/) as string,
    });
    await writeFile(file, bytes.subarray(0, 1000));
    await expect(dataset.load({ folder }, {})).rejects.toMatchObject({ code: 'dataset-changed', message: expect.stringContaining('truncated') as string });
    await rm(file);
    await expect(dataset.load({ folder }, {})).rejects.toMatchObject({ code: 'dataset-changed' });
  });

  it('comes first from the mirror the user names', async () => {
    const mirror = await hostFiles(Object.fromEntries(names.map((name) => [`tiny/${name}`, serving(zipped[name])])));
    vi.stubEnv('CREDENCE_MIRROR', mirror.url);
    await tiny().prepare({ folder });
    await mirror.close();
    expect(mirror.requests.length).toBe(4);
    expect(host.requests.length).toBe(0);
  });

  it('offers the import when there is no network', async () => {
    await host.close();
    await expect(tiny().prepare({ folder })).rejects.toMatchObject({
      code: 'download-failed',
      message: expect.stringContaining('or import the files') as string,
    });
  });
});

const data = process.env['CREDENCE_DATA'];
describe.skipIf(!data)(`real MNIST and KMNIST${data ? '' : ' (skipped: CREDENCE_DATA is not set)'}`, () => {
  beforeEach(() => void vi.stubEnv('CREDENCE_DATA', data!));

  it('reads MNIST: 60,000 and 10,000 images, with its mean and classes', async () => {
    expect(await mnist.stored(folder)).toEqual({ rows: { train: 60_000, test: 10_000 }, bytes: 0, hash: null });
    const { train, test } = await mnist.load({ folder }, { normalisation: 'mnist' });
    let total = 0;
    for (const pixel of train.x) total += pixel;
    expect(total / train.x.length / 255).toBeCloseTo(0.1307, 4);
    expect([...train.y.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    expect([...test.y.subarray(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
  });

  it('reads the test part of KMNIST, which has no training part there', async () => {
    expect((await kmnist.stored(folder))?.rows).toEqual({ train: 0, test: 10_000 });
    const { train, test } = await kmnist.load({ folder }, { normalisation: 'mnist' });
    expect([train.rows, test.rows]).toEqual([0, 10_000]);
    const counts = new Array<number>(10).fill(0);
    test.y.forEach((label) => counts[label]!++);
    expect(counts).toEqual(new Array(10).fill(1000)); // balanced, as published
  });
});
