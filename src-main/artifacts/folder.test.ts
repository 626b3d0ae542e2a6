import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeArtifact } from './artifact';
import { deleteArtifacts, isIntact, sweepArtifacts } from './folder';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'credence-artifacts-'))));
afterEach(() => rm(folder, { recursive: true }));

describe('artifacts folder', () => {
  it('tells intact files from damaged and missing ones', async () => {
    const written = await writeArtifact(folder, 'run-a/1', Uint8Array.of(1));
    expect(await isIntact(folder, written)).toBe(true);
    await writeFile(join(folder, 'run-a/1'), 'x');
    expect(await isIntact(folder, written)).toBe(false);
    expect(await isIntact(folder, { ...written, file: 'run-a/2' })).toBe(false);
  });

  it('deletes files and emptied subfolders only', async () => {
    for (const file of ['a/1', 'a/2', 'b/1']) await writeArtifact(folder, file, Uint8Array.of(1));
    await deleteArtifacts(folder, ['a/1', 'b/1', 'c/none']);
    expect((await readdir(folder, { recursive: true })).sort()).toEqual(['a', 'a/2']);
  });

  it('sweeps what nobody recorded', async () => {
    for (const file of ['a/1', 'a/2', 'b/1.partial']) await writeArtifact(folder, file, Uint8Array.of(1));
    expect(await sweepArtifacts(folder, new Set(['a/2']))).toBe(2);
    expect((await readdir(folder, { recursive: true })).sort()).toEqual(['a', 'a/2']);
  });
});
