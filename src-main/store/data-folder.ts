/** @file Where everything lies: one folder, with the same parts for app, host and command line. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { WorkbenchError } from '../contract/errors';

export interface DataFolder {
  readonly root: string;
  readonly database: string;
  readonly artifacts: string;
  readonly datasets: string;
  readonly uploads: string;
  /** Compiled steps, which may be deleted at any time. */
  readonly programs: string;
  /** What unfinished experiments have computed so far, a folder each. */
  readonly parts: string;
  readonly logs: string;
  readonly lock: string;
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

/** The folder asked for, else `CREDENCE_HOME`, else the platform's place for application data. */
export function resolveDataFolder(
  asked?: string,
  { env, platform, home }: Surroundings = { env: process.env, platform: process.platform, home: homedir() },
): string {
  if (asked) return resolve(asked);
  if (env['CREDENCE_HOME']) return resolve(env['CREDENCE_HOME']);
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Credence');
  if (platform === 'win32') return join(env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Credence');
  return join(env['XDG_DATA_HOME'] ?? join(home, '.local', 'share'), 'credence');
}

/**
 * Makes the folder and its parts where they are missing.
 * @throws WorkbenchError `invalid-spec` if it cannot be written to
 */
export function openDataFolder(root: string): DataFolder {
  const at = (name: string) => join(root, name);
  const folder = {
    root,
    database: at('credence.db'),
    artifacts: at('artifacts'),
    datasets: at('datasets'),
    uploads: at('uploads'),
    programs: at('programs'),
    parts: at('parts'),
    logs: at('logs'),
    lock: at('owner.lock'),
  };
  try {
    for (const path of [folder.artifacts, folder.datasets, folder.uploads, folder.logs]) mkdirSync(path, { recursive: true });
    accessSync(root, constants.R_OK | constants.W_OK);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new WorkbenchError('invalid-spec', `The data folder ${root} cannot be used (${reason}); choose another with --data-dir or CREDENCE_HOME`, { cause });
  }
  return folder;
}

/** Bytes used by each part. */
export async function measureStorage(folder: DataFolder): Promise<{ database: number; artifacts: number; datasets: number; logs: number }> {
  const [database, artifacts, datasets, logs] = await Promise.all([
    sizeOf(['', '-wal', '-shm'].map((end) => folder.database + end)),
    ...[folder.artifacts, folder.datasets, folder.logs].map(async (path) => sizeOf((await readdir(path, { recursive: true })).map((file) => join(path, file)))),
  ]);
  return { database: database!, artifacts: artifacts!, datasets: datasets!, logs: logs! };
}

async function sizeOf(paths: readonly string[]): Promise<number> {
  const sizes = await Promise.all(paths.map(fileSize));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** 0 for a folder, and for a file that has just gone: files come and go while a run is training. */
async function fileSize(path: string): Promise<number> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
