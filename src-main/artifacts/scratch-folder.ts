/** @file A folder of its own for what another program downloads and unpacks. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ScratchFolder {
  readonly path: string;
  /** Bytes of all files in it. */
  size(): number;
  discard(): void;
}

export function openScratchFolder(): ScratchFolder {
  const path = mkdtempSync(join(tmpdir(), 'credence-'));
  return {
    path,
    size: () =>
      readdirSync(path, { recursive: true, encoding: 'utf8' }).reduce((sum, name) => {
        const entry = statSync(join(path, name), { throwIfNoEntry: false }); // the program may just have deleted it
        return sum + (entry?.isFile() ? entry.size : 0);
      }, 0),
    discard: () => rmSync(path, { recursive: true, force: true }),
  };
}
