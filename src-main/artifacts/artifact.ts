/** @file Files that must be whole or absent: written beside their place, synced, hashed and renamed; read only if the hash is right. */
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WorkbenchError } from '../contract/errors';

export interface ArtifactFile {
  /** Relative to the artifacts folder. */
  readonly file: string;
  /** 64 hex digits. */
  readonly sha256: string;
  readonly bytes: number;
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/**
 * Writes `bytes` to `folder/file` so that a crash at any moment leaves either the old file or the new one.
 * @throws WorkbenchError `disk-full`
 */
export async function writeArtifact(folder: string, file: string, bytes: Uint8Array): Promise<ArtifactFile> {
  const path = join(folder, file);
  const partial = `${path}.partial`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeSynced(partial, bytes);
    await rename(partial, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(partial, { force: true });
    throw namingFullDisk(error, path);
  }
  return { file, sha256: sha256Of(bytes), bytes: bytes.byteLength };
}

/** @throws WorkbenchError `not-found`, `checksum-mismatch` */
export async function readArtifact(folder: string, { file, sha256 }: Pick<ArtifactFile, 'file' | 'sha256'>): Promise<Uint8Array> {
  const path = join(folder, file);
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT' ? new WorkbenchError('not-found', `${path} is missing; it was deleted or moved outside Credence`, { cause }) : cause;
  });
  const found = sha256Of(bytes);
  if (found !== sha256)
    throw new WorkbenchError('checksum-mismatch', `${path} is damaged: its SHA-256 is ${found.slice(0, 12)}…, recorded was ${sha256.slice(0, 12)}…`);
  return bytes;
}

/** A full disk or quota as the error a user can act on; anything else unchanged. */
export function namingFullDisk(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'ENOSPC' && code !== 'EDQUOT' && code !== 'SQLITE_FULL') return error;
  return new WorkbenchError('disk-full', `The disk is full: ${path} could not be written. Free some space, then resume.`, { cause: error });
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, 'w');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a rename durable. Windows cannot open folders, and needs no such call. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
