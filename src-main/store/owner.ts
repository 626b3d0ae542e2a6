/** @file The lock of a data folder: whoever holds it is the only writer; everybody else reads there how to reach the holder. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { WorkbenchError } from '../contract/errors';

const Owner = z.object({
  pid: z.int(),
  /** Tells a living process from a later one with the same id; null where the system does not say. */
  started: z.string().nullable(),
  /** Where the owner listens, once it does. */
  port: z.int().nullable(),
  token: z.string().nullable(),
  url: z.string().nullable(),
});
export type Owner = z.infer<typeof Owner>;

export interface OwnerLock {
  /** Tells others how to reach this process. */
  publish(door: { readonly port: number; readonly token: string; readonly url: string }): void;
  release(): void;
}

/** The living owner of the folder whose lock is `path`, if any. */
export function readOwner(path: string): Owner | null {
  const owner = parseOwner(readText(path));
  return owner && isAlive(owner) ? owner : null;
}

/** Takes the lock, also from an owner that died. @throws WorkbenchError `already-running` */
export function claimFolder(path: string): OwnerLock {
  const me: Owner = { pid: process.pid, started: startOf(process.pid), port: null, token: null, url: null };
  const draft = `${path}.${process.pid}`;
  const write = (owner: Owner) => writeFileSync(draft, JSON.stringify(owner), { mode: 0o600 });
  write(me);
  try {
    while (!linkIfAbsent(draft, path)) removeStale(path);
  } finally {
    rmSync(draft);
  }
  return {
    publish(door) {
      write({ ...me, ...door });
      renameSync(draft, path);
    },
    release: () => rmSync(path, { force: true }),
  };
}

/** A link either makes a whole lock or none, and only one of two starters succeeds. */
function linkIfAbsent(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function removeStale(path: string): void {
  const text = readText(path);
  const owner = parseOwner(text);
  if (owner && isAlive(owner)) {
    throw new WorkbenchError('already-running', `Credence is already running on this data folder (process ${owner.pid})${owner.url ? `: ${owner.url}` : ''}`, {
      details: { pid: owner.pid, port: owner.port, url: owner.url },
    });
  }
  // Moved aside before it is deleted: if another starter was faster, what was moved is its fresh lock, and goes back.
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readText(aside) !== text) linkIfAbsent(aside, path);
  rmSync(aside);
}

function isAlive({ pid, started }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false; // EPERM: alive, but another user's
  }
  return started === null || startOf(pid) === started;
}

/** Start time of a process, in clock ticks since boot, with the boot's id (Linux only): process ids are used again, above all in containers. */
function startOf(pid: number): string | null {
  const stat = readText(`/proc/${pid}/stat`);
  // Field 22; the second field may hold spaces and parentheses.
  return stat && `${readText('/proc/sys/kernel/random/boot_id')?.trim()} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

function parseOwner(text: string | null): Owner | null {
  if (!text) return null;
  try {
    return Owner.parse(JSON.parse(text));
  } catch {
    return null; // damaged: nobody holds it
  }
}
