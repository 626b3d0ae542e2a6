/** @file Where everything lies: one folder, with the same parts for app, host and command line. */
import { mkdirSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export interface DataFolder {
  readonly root: string;
  readonly database: string;
  readonly artifacts: string;
  readonly datasets: string;
  readonly uploads: string;
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

/** Makes the folder and its parts where they are missing. */
export function openDataFolder(root: string): DataFolder {
  const at = (name: string) => join(root, name);
  const folder = {
    root,
    database: at('credence.db'),
    artifacts: at('artifacts'),
    datasets: at('datasets'),
    uploads: at('uploads'),
    logs: at('logs'),
    lock: at('owner.lock'),
  };
  for (const path of [folder.artifacts, folder.datasets, folder.uploads, folder.logs]) mkdirSync(path, { recursive: true });
  return folder;
}

/** Bytes used by each part. */
export async function measureStorage(folder: DataFolder): Promise<{ database: number; artifacts: number; datasets: number; logs: number }> {
  const [root, artifacts, datasets, logs] = await Promise.all([
    sizeOf(folder.root, (name) => name.startsWith('credence.db')),
    sizeOf(folder.artifacts),
    sizeOf(folder.datasets),
    sizeOf(folder.logs),
  ]);
  return { database: root, artifacts, datasets, logs };
}

async function sizeOf(path: string, counts: (name: string) => boolean = () => true): Promise<number> {
  const files = (await readdir(path, { recursive: true })).filter(counts);
  const sizes = await Promise.all(files.map(async (file) => (await statOrNull(join(path, file)))?.size ?? 0));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Files come and go while a run is training. Folders count as nothing. */
async function statOrNull(path: string) {
  try {
    const found = await stat(path);
    return found.isFile() ? found : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
