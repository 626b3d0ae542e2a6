import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openArchive, writeArchive, type ArchiveEntry } from './archive';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credence-archive-'));
  path = join(folder, 'a.credence');
});
afterEach(() => rm(folder, { recursive: true }));

const weights = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251);
async function* entries(): AsyncGenerator<ArchiveEntry> {
  yield { name: 'run.json', bytes: strToU8('{"name":"é"}') };
  yield { name: 'draws/1.safetensors', bytes: weights };
}
const open = () => openArchive(path, 'a.credence');
/** The same zip with one entry changed. */
async function rewrite(change: (entries: Record<string, Uint8Array>) => void) {
  const unpacked = unzipSync(await readFile(path));
  change(unpacked);
  await writeFile(path, zipSync(unpacked));
}

describe('archive', () => {
  it('gives back what was put in, through any reader of zips', async () => {
    const written = await writeArchive(path, '1.2.3', entries());
    expect(written).toBe((await readFile(path)).byteLength);
    const archive = await open();
    expect(archive.manifest).toMatchObject({ format: 'credence', app: '1.2.3' });
    expect(await archive.read('draws/1.safetensors')).toEqual(weights);
    expect(await archive.json('run.json', z.object({ name: z.string() }))).toEqual({ name: 'é' });
    await expect(archive.json('run.json', z.object({ name: z.number() }))).rejects.toThrow(/in its run.json, name/);
    await expect(archive.read('none')).rejects.toThrow(/no none/);
  });

  // Mutation caught: fflate's ZipDeflate, whose file refers to bytes before its beginning.
  it('gives back columns of float64, deflated like tensors of zeros', async () => {
    const numbers = Float64Array.from({ length: 8004 }, (_, i) => (i % 4 === 0 ? i / 4 + 1 : Math.sin(i)));
    const curves = { name: 'metrics.f64', bytes: new Uint8Array(numbers.buffer) };
    const zeros = { name: 'zeros.safetensors', bytes: new Uint8Array(100_000), deflate: true };
    async function* both(): AsyncGenerator<ArchiveEntry> {
      yield curves;
      yield zeros;
    }
    expect(await writeArchive(path, '1', both())).toBeLessThan(70_000);
    const archive = await open();
    for (const { name, bytes } of [curves, zeros]) expect(await archive.read(name)).toEqual(bytes);
  });

  it('takes and gives entries in pieces', async () => {
    const random = Uint8Array.from({ length: 200_000 }, (_, i) => (Math.sin(i) * 1e6) & 63);
    async function* pieces() {
      for (let at = 0; at < random.length; at += 70_000) yield random.subarray(at, at + 70_000);
    }
    async function* inPieces(): AsyncGenerator<ArchiveEntry> {
      yield { name: 'stored.safetensors', bytes: pieces() };
      yield { name: 'deflated.f64', bytes: pieces() };
      yield { name: 'empty.f64', bytes: new Uint8Array(0) };
    }
    await writeArchive(path, '1', inPieces());
    expect(Object.keys(unzipSync(await readFile(path)))).toEqual(['stored.safetensors', 'deflated.f64', 'empty.f64', 'manifest.json']);
    const archive = await open();
    for (const name of ['stored.safetensors', 'deflated.f64']) expect(Buffer.compare(await archive.read(name), random)).toBe(0);
    expect([archive.size('deflated.f64'), await archive.read('empty.f64')]).toEqual([random.length, new Uint8Array(0)]);
  });

  // Mutation caught: an entry that is believed without its hash.
  it('refuses a changed, a missing and a swollen entry', async () => {
    for (const [change, code] of [
      [(zip: Record<string, Uint8Array>) => void (zip['draws/1.safetensors'] = weights.with(9, 1)), 'checksum-mismatch'],
      [(zip: Record<string, Uint8Array>) => void delete zip['draws/1.safetensors'], 'invalid-file'],
      [(zip: Record<string, Uint8Array>) => void (zip['draws/1.safetensors'] = new Uint8Array(1e6)), 'invalid-file'],
    ] as const) {
      await rm(path, { force: true });
      await writeArchive(path, '1', entries());
      await rewrite(change);
      const archive = await open();
      await expect(archive.read('draws/1.safetensors')).rejects.toMatchObject({ code });
    }
  });

  it('refuses what is no such file, half of one and a later one, each in one sentence', async () => {
    await writeArchive(path, '1', entries());
    const whole = await readFile(path);
    for (const bytes of [whole.subarray(0, whole.length / 2), Buffer.from('not a zip'), Buffer.alloc(0), zipSync({ 'manifest.json': strToU8('{') })]) {
      await writeFile(path, bytes);
      await expect(open()).rejects.toMatchObject({ code: 'invalid-file', message: expect.stringMatching(/^“a.credence” is not a whole .credence file\./) });
    }
    await writeFile(path, whole);
    await rewrite((zip) => {
      zip['manifest.json'] = strToU8(new TextDecoder().decode(zip['manifest.json']).replace('"version": 1', '"version": 2'));
    });
    await expect(open()).rejects.toMatchObject({ code: 'invalid-file', message: expect.stringMatching(/later Credence .*format 2.*Update/) });
  });

  it('leaves nothing if an entry cannot be read', async () => {
    async function* failing(): AsyncGenerator<ArchiveEntry> {
      yield* entries();
      throw new Error('gone');
    }
    await expect(writeArchive(path, '1', failing())).rejects.toThrow('gone');
    expect(await readdir(folder)).toEqual([]);
  });
});
