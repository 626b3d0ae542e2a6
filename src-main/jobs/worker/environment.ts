/** @file Where a run computes: recorded, because the last bits of its numbers depend on it. */
import { arch, cpus, platform } from 'node:os';
import type { Environment } from '../../contract/run';
import type { Device } from '../../engine/backends/device';
import { version } from '../../../package.json';

/** @param card the graphics card's name, if that is where it computes */
export const describeEnvironment = (device: Device, card?: string): Environment => ({
  app: version,
  node: process.versions.node,
  backend: device.backend,
  engine: device.engine,
  device: card ? `${device.name}: ${card}` : device.name,
  threads: device.threads,
  platform: `${platform()}-${arch()}, ${cpus()[0]?.model.trim() ?? 'unknown processor'}`,
});

const names: { readonly [part in Exclude<keyof Environment, 'backend'>]: string } = {
  app: 'Credence',
  node: 'Node.js',
  engine: 'the engine',
  device: 'the device',
  threads: 'the number of threads',
  platform: 'the computer',
};

/** What has changed since the run last computed, as one sentence; null if nothing has, and a resume is bit-identical. */
export function describeChange(before: Environment, now: Environment): string | null {
  const changes = (Object.keys(names) as (keyof typeof names)[])
    .filter((part) => before[part] !== now[part])
    .map((part) => `${names[part]} (${String(before[part])} → ${String(now[part])})`);
  if (changes.length === 0) return null;
  return `Resumed in another environment: ${changes.join(', ')} changed. From here on the numbers differ in their last digits from those of an uninterrupted run.`;
}
