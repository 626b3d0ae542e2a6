/** @file Files that the user handed over through `/files`: kept until they are imported or discarded, a day at most. */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { WorkbenchError } from '../contract/errors';
import { FileId } from '../contract/ids';
import { newId } from './rows';

/** A fresh id and the place to write the file to. */
export function newUpload(folder: string): { file: FileId; path: string } {
  const file = newId(FileId, 'file');
  return { file, path: join(folder, file) };
}

/** @throws WorkbenchError `not-found` */
export function uploadPath(folder: string, file: FileId): string {
  const path = join(folder, file);
  if (!existsSync(path)) throw new WorkbenchError('not-found', `The uploaded file ${file} is no longer there; choose it again`);
  return path;
}

export const discardUpload = (folder: string, file: FileId): void => rmSync(join(folder, file), { force: true });

/** Removes what an earlier session left. */
export function discardOldUploads(folder: string, now = Date.now()): void {
  for (const name of readdirSync(folder)) if (now - statSync(join(folder, name)).mtimeMs > 24 * 3600 * 1000) rmSync(join(folder, name));
}
