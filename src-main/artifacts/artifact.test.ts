import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readArtifact, writeArtifact } from './artifact';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'credence-artifacts-'))));
afterEach(() => rm(folder, { recursive: true }));

describe('artifacts', () => {
  it('writes a file with its SHA-256 and leaves nothing else', async () => {
    const written = await writeArtifact(folder, 'run-abcd/5.safetensors', new TextEncoder().encode('abc'));
    // FIPS 180-2, appendix B.1
    expect(written).toEqual({ file: 'run-abcd/5.safetensors', sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', bytes: 3 });
    expect(await readdir(join(folder, 'run-abcd'))).toEqual(['5.safetensors']);
    expect(new TextDecoder().decode(await readArtifact(folder, written))).toBe('abc');
  });

  it('refuses a file that changed and one that is gone', async () => {
    const written = await writeArtifact(folder, 'a', Uint8Array.of(1, 2));
    await writeFile(join(folder, 'a'), Uint8Array.of(1, 3));
    await expect(readArtifact(folder, written)).rejects.toMatchObject({ code: 'checksum-mismatch' });
    await rm(join(folder, 'a'));
    await expect(readArtifact(folder, written)).rejects.toMatchObject({ code: 'not-found' });
  });

  it.runIf(process.platform === 'linux')('names a full disk, keeps the old file and removes the partial one', async () => {
    await writeArtifact(folder, 'a', Uint8Array.of(1));
    await symlink('/dev/full', join(folder, 'a.partial')); // every write there fails with ENOSPC
    await expect(writeArtifact(folder, 'a', Uint8Array.of(2))).rejects.toMatchObject({ code: 'disk-full' });
    expect(await readdir(folder)).toEqual(['a']);
    expect([...(await readFile(join(folder, 'a')))]).toEqual([1]);
  });

  it('leaves other errors as they are', async () => {
    await mkdir(join(folder, 'taken'));
    await expect(writeArtifact(folder, 'taken', Uint8Array.of(1))).rejects.toMatchObject({ code: 'EISDIR' });
  });
});
