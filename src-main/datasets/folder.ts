/** @file Folders that appear whole or not at all. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkbenchError } from '../contract/errors';

export const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

/** A full disk as the error a user can act on; anything else unchanged. */
export function namingFullDisk(error: unknown, path: string): unknown {
  const full = error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
  return full ? new WorkbenchError('disk-full', `The disk is full: ${path} could not be written. Free some space, then try again.`, { cause: error }) : error;
}

async function writeSynced(path: string, chunks: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const chunk of chunks) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Writes files (name → chunks) beside `folder` and renames, so that a crash leaves nothing half. What was there before is replaced, unless `isSame` says it is the same.
 *
 * @throws WorkbenchError `disk-full`
 */
export async function replaceFolder(folder: string, files: { readonly [name: string]: readonly Uint8Array[] }, isSame: () => Promise<boolean>): Promise<void> {
  const partial = `${folder}.partial-${randomUUID()}`;
  try {
    await mkdir(partial, { recursive: true });
    for (const [name, chunks] of Object.entries(files)) await writeSynced(join(partial, name), chunks);
    if (!(await isSame())) {
      await rm(folder, { recursive: true, force: true });
      await rename(partial, folder);
    }
  } catch (error) {
    // Two workers may make the same dataset at once; the second finds the place taken by equal files.
    if (!(await isSame())) throw namingFullDisk(error, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}
