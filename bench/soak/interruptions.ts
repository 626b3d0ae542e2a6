/** @file Runs that are stopped, or whose whole process is killed, at random moments: each must end where an undisturbed one does. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Credence } from '../../e2e/credence';
import { isIn, lastCheckpoint, metricsOf, until } from '../../e2e/runs';
import { decodeSafetensors } from '../../src-main/artifacts/safetensors';
import type { RunId } from '../../src-main/contract/ids';
import type { Client } from '../../src-main/host/client';
import { processesOn, withHost } from './host';
import { none, type Figure, type Part } from './part';
import { methods, smallRun } from './small-run';

/** Interruptions of one run; then the next method's turn comes. */
const perRun = 20;
const stepsPerRun = 6000;
const longestWait = 400; // ms between two interruptions

interface Found {
  readonly crashes: string[];
  readonly orphans: string[];
  readonly damaged: string[];
  readonly differences: string[];
}

/** What a finished run left: its last checkpoint and all its metrics. */
async function outcome({ dataDir }: Credence, client: Client, id: RunId) {
  return { tensors: await lastCheckpoint(dataDir, id), steps: await metricsOf(client, id, 'step'), epochs: await metricsOf(client, id, 'epoch') };
}

/** Every file that claims to be a checkpoint is one. */
async function damagedCheckpoints({ dataDir }: Credence, id: RunId): Promise<string[]> {
  const folder = join(dataDir, 'artifacts', id);
  const damaged: string[] = [];
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.safetensors'))) {
    try {
      decodeSafetensors(await readFile(join(folder, file)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') damaged.push(`${file}: ${String(error)}`); // an outdated one is deleted at any time
    }
  }
  return damaged;
}

const sleep = (ms: number) => new Promise((wake) => setTimeout(wake, ms));

/** Interrupts the run once and sets it going again; false if it had ended before. */
type Interrupt = (host: Credence, client: Client, id: RunId, found: Found) => Promise<Client | null>;

const stop: Interrupt = async (host, client, id, found) => {
  await sleep(Math.random() * longestWait);
  await client.call('runs.stop', id).catch(() => undefined); // it may have ended a moment ago
  const { status } = await until(client, id, isIn('stopped', 'succeeded'));
  found.damaged.push(...(await damagedCheckpoints(host, id)));
  if (status === 'succeeded') return null;
  await client.call('runs.resume', id);
  return client;
};

const kill: Interrupt = async (host, client, id, found) => {
  await sleep(Math.random() * longestWait);
  if ((await client.call('runs.get', id)).status === 'succeeded') return null;
  await host.kill();
  await client.closed;
  found.orphans.push(...processesOn(host.dataDir).map((pid) => `process ${pid}`));
  found.damaged.push(...(await damagedCheckpoints(host, id).catch(() => [])));
  await host.start();
  const again = await host.connect();
  const { status } = await again.call('runs.get', id);
  if (status === 'interrupted' || status === 'stopped') await again.call('runs.resume', id);
  return again;
};

async function interruptOften(host: Credence, interrupt: Interrupt, times: number, show: (done: number) => void): Promise<Found> {
  const found: Found = { crashes: [], orphans: [], damaged: [], differences: [] };
  let client = await host.connect();
  for (let done = 0, round = 0; done < times; round++) {
    const method = methods[round % methods.length]!;
    const spec = smallRun(method, stepsPerRun);
    const undisturbed = await client.call('runs.create', spec);
    await until(client, undisturbed.id, isIn('succeeded'));
    const expected = await outcome(host, client, undisturbed.id);
    const { id } = await client.call('runs.create', spec);
    for (let own = 0; own < perRun && done < times; own++, done++) {
      await until(client, id, isIn('running', 'succeeded'));
      const next = await interrupt(host, client, id, found);
      if (!host.isAlive) found.crashes.push(`${method.title}: the process ended`);
      if (!next) break;
      client = next;
      show(done + 1);
    }
    await until(client, id, isIn('succeeded'));
    const actual = await outcome(host, client, id);
    for (const part of ['tensors', 'steps', 'epochs'] as const)
      if (!isDeepStrictEqual(actual[part], expected[part])) found.differences.push(`${part} of ${method.title}`);
  }
  await client.close();
  return found;
}

const figures = (times: number, what: string, { crashes, orphans, damaged, differences }: Found): Figure[] => [
  none(`${times} ${what}: crashes`, crashes),
  none('processes left behind', orphans),
  none('damaged checkpoints', damaged),
  none('posteriors or metrics that differ from an undisturbed run’s', differences),
];

const often = (id: string, what: string, times: number, interrupt: Interrupt, secondsEach: number): Part => ({
  id,
  how: `${times} ${what} at random moments, every method in turn`,
  minutes: (times * secondsEach) / 60,
  run: ({ entry, show }) =>
    withHost(entry, async (host) => {
      const start = performance.now();
      const found = await interruptOften(host, interrupt, times, (done) => {
        const left = ((performance.now() - start) / done) * (times - done);
        show(`${what}: ${done} of ${times}, ${(left / 60_000).toFixed(1)} min left`);
      });
      return figures(times, what, found);
    }),
});

export const stops = (times: number): Part => often('stops', 'stops', times, stop, 1.2);
export const kills = (times: number): Part => often('kills', 'kills of the whole process', times, kill, 2.5);
