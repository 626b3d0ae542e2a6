/** @file How many cores there are for arithmetic: hyper-threads share one unit. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { arch, availableParallelism } from 'node:os';

const topology = '/sys/devices/system/cpu';

/** Physical cores that this process may use, at least 1; where the system does not say, half the threads of an x86 processor. */
export function physicalCores(): number {
  const threads = availableParallelism();
  const siblings = existsSync(topology)
    ? readdirSync(topology)
        .filter((name) => /^cpu\d+$/.test(name))
        .map((name) => `${topology}/${name}/topology/thread_siblings_list`)
        .filter((path) => existsSync(path))
        .map((path) => readFileSync(path, 'utf8'))
    : [];
  if (siblings.length > 0) return Math.min(threads, new Set(siblings).size);
  return Math.max(1, arch() === 'x64' && process.platform !== 'darwin' ? Math.floor(threads / 2) : threads);
}
