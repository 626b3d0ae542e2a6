/** @file Bytes as files by key: a cache that may lose anything, and never returns anything but what was put. */
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Of } from './artifact';

export interface CacheFolderOptions {
  readonly folder: string;
  /** What lies in it, for messages: 'compiled step'. */
  readonly what: string;
  /** What made the bytes: those of another build are never returned. */
  readonly build: string;
  /** Bytes of all files; the ones not used for longest go first. */
  readonly limit?: number;
  /** Told of files that are damaged or cannot be written; the caller makes anew what they held. */
  warn(message: string): void;
}

/** Digest of a bundled entry: it names its chunks by their contents, so that it stands for all of the build's code. */
export const buildOf = (entry: string): string => sha256Of(readFileSync(entry));

const digestBytes = 32;
const digest = (...parts: readonly Uint8Array[]): Buffer => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

/** A file is the digest of what follows, then key and bytes. Several threads and processes may share the folder. */
export function openCacheFolder({ folder, what, build, limit = 64 * 2 ** 20, warn }: CacheFolderOptions) {
  const place = (key: string) => {
    const name = Buffer.from(`${build}\n${key}\n`);
    return { name, path: join(folder, `${sha256Of(name)}.cache`) };
  };

  async function get(key: string): Promise<Uint8Array | undefined> {
    const { name, path } = place(key);
    try {
      const file = await readFile(path);
      const content = file.subarray(digestBytes);
      if (digest(content).equals(file.subarray(0, digestBytes)) && content.subarray(0, name.length).equals(name)) {
        await utimes(path, new Date(), new Date());
        return content.subarray(name.length);
      }
      warn(`A ${what} in ${folder} was damaged; it is made anew`);
      await rm(path, { force: true });
    } catch (error) {
      if (!isMissing(error)) warn(`A ${what} cannot be read from ${folder}: ${String(error)}`);
    }
    return undefined;
  }

  async function put(key: string, bytes: Uint8Array): Promise<void> {
    const { name, path } = place(key);
    try {
      await mkdir(folder, { recursive: true });
      await replace(path, Buffer.concat([digest(name, bytes), name, bytes]));
      await evict();
    } catch (error) {
      warn(`A ${what} could not be kept in ${folder}: ${String(error)}`);
    }
  }

  async function evict(): Promise<void> {
    const found = await Promise.all((await readdir(folder)).map((file) => describe(join(folder, file))));
    const files = found.flat().sort((a, b) => b.used - a.used);
    let total = 0;
    for (const { path, size } of files) {
      total += size;
      if (total > limit) await rm(path, { force: true });
    }
  }

  return { get, put };
}

/** Not synced: a file that a crash has torn is found by its digest. */
async function replace(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}.${randomUUID()}.partial`;
  try {
    await writeFile(partial, bytes);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** None if it has just gone: another thread evicts too. */
async function describe(path: string): Promise<{ path: string; size: number; used: number }[]> {
  try {
    const { size, mtimeMs } = await stat(path);
    return [{ path, size, used: mtimeMs }];
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';
