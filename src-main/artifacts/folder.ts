/** @file Care of the artifacts folder: checking, deleting, sweeping. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { ArtifactFile } from './artifact';

/** Whether the file is there with the hash recorded; read in pieces, so that the caller's thread stays free. */
export async function isIntact(folder: string, { file, sha256 }: Pick<ArtifactFile, 'file' | 'sha256'>): Promise<boolean> {
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(join(folder, file))) hash.update(piece as Buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  return hash.digest('hex') === sha256;
}

/** Deletes files (absent ones are fine) and the subfolders that become empty. */
export async function deleteArtifacts(folder: string, files: readonly string[]): Promise<void> {
  for (const file of files) await rm(join(folder, file), { force: true });
  for (const subfolder of new Set(files.map(dirname))) if (subfolder !== '.') await removeIfEmpty(join(folder, subfolder));
}

/** Deletes what nobody recorded: a process killed between writing a file and recording it leaves one. Returns how many. Only while no worker writes. */
export async function sweepArtifacts(folder: string, recorded: ReadonlySet<string>): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
    );
  const orphans = files.filter((file) => !recorded.has(file));
  await deleteArtifacts(folder, orphans);
  return orphans.length;
}

/** Deletes a folder with all that is in it; an absent one is fine. */
export const deleteFolder = (path: string): Promise<void> => rm(path, { recursive: true, force: true });

/** Deletes the subfolders that `isNeeded` does not know. */
export async function sweepFolders(folder: string, isNeeded: (name: string) => boolean): Promise<void> {
  if (!existsSync(folder)) return;
  for (const name of await readdir(folder)) if (!isNeeded(name)) await deleteFolder(join(folder, name));
}

async function removeIfEmpty(path: string): Promise<void> {
  try {
    await rmdir(path);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
