/** @file The built app over a data folder that is thrown away. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Credence } from '../../e2e/credence';

export async function withHost<Result>(entry: string, use: (host: Credence) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'credence-soak-'));
  const host = new Credence(folder, entry);
  try {
    await host.start();
    return await use(host);
  } finally {
    await host.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Processes that work on this data folder, as Linux lists them. */
export function processesOn(dataDir: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && commandOf(name).includes(dataDir))
    .map(Number);
}

/** Empty if the process has just ended. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}
