import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { namingFullDisk } from './folder';
import { readImageFolder, writeImageFolder } from './image-folder';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credence-folder-'));
});
afterEach(() => rm(folder, { recursive: true }));

const part = (rows: number, value: number) => ({ rows, x: new Uint8Array(rows * 6).fill(value), y: new Uint8Array(rows) });
const raw = (value: number) => ({ train: part(3, value), test: part(2, value) });

describe('image folders', () => {
  it('come back as they were written, without the part that has no rows', async () => {
    const path = join(folder, 'set');
    const { hash } = await writeImageFolder(path, { ...raw(7), train: part(0, 0) }, [2, 3]);
    expect(await readImageFolder(path, 'Set', {})).toEqual({ train: part(0, 0), test: part(2, 7), hash });
    expect((await readdir(path)).sort()).toEqual(['manifest.json', 'test-images.idx', 'test-labels.idx']);
  });

  it('are replaced whole, and survive two writers of the same content', async () => {
    const path = join(folder, 'set');
    await writeImageFolder(path, raw(1), [2, 3]);
    await Promise.all(Array.from({ length: 8 }, () => writeImageFolder(path, raw(2), [2, 3])));
    expect((await readImageFolder(path, 'Set', {})).train.x[0]).toBe(2);
    expect(await readdir(folder)).toEqual(['set']); // nothing partial is left
  });

  it('name a full disk, and nothing else', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    expect(namingFullDisk(full, '/data/set')).toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining('/data/set could not be written') as string,
    });
    const denied = Object.assign(new Error('EACCES'), { code: 'EACCES' });
    expect(namingFullDisk(denied, '/data/set')).toBe(denied);
  });
});
