/** @file Small runs, their end, and what they leave on disk. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeSafetensors, type StoredTensors } from '../src-main/artifacts/safetensors';
import type { Run, RunStatus } from '../src-main/contract/run';
import type { RunSpecInput } from '../src-main/contract/spec';
import type { Client } from '../src-main/host/client';

/** Drawn digits, few of them; a small net. `units` and `epochs` set how long it takes. */
export const smallRun = ({ units = 32, epochs = 3, name = 'small', checkpointEvery = 1 } = {}): RunSpecInput => ({
  name,
  dataset: { id: 'drawn-digits', settings: { size: 'small' } },
  architecture: { name: `1 × ${units}`, layers: [{ kind: 'flatten' }, { kind: 'dense', settings: { units, activation: 'relu' } }, { kind: 'output' }] },
  likelihood: { id: 'categorical' },
  method: { id: 'bbp', settings: { draws: 2, firstEpochDraws: 2 } },
  training: { epochs, batchSize: 100, checkpointEvery },
  compute: { threads: 1 },
});

/** Resolves when the run satisfies `condition`. */
export async function until(client: Client, id: Run['id'], condition: (run: Run) => boolean): Promise<Run> {
  let stop = () => {};
  const run = await new Promise<Run>((resolve, reject) => {
    const look = (changed: Run) => {
      if (changed.id === id && condition(changed)) resolve(changed);
      else if (changed.id === id && changed.status === 'failed') reject(new Error(`${changed.name} failed: ${changed.error?.message}`));
    };
    stop = client.on('run.changed', look);
    client.call('runs.get', id).then(look, reject);
  });
  stop();
  return run;
}

export const isIn =
  (...statuses: RunStatus[]) =>
  ({ status }: Run): boolean =>
    statuses.includes(status);

/** The newest checkpoint's tensors. */
export async function lastCheckpoint(dataDir: string, id: Run['id']): Promise<StoredTensors> {
  const folder = join(dataDir, 'artifacts', id);
  const files = (await readdir(folder)).filter((name) => name.endsWith('.safetensors')).sort();
  return decodeSafetensors(await readFile(join(folder, files.at(-1)!))).tensors;
}

/** All metric rows of a run; those that measure time are left out. */
export async function metricsOf(client: Client, id: Run['id'], scope: 'step' | 'epoch') {
  const { names, steps, values } = await client.call('runs.metrics', { run: id, scope });
  const kept = names.map((name, column) => ({ name, column })).filter(({ name }) => !/speed|time|second/i.test(name));
  return Object.fromEntries(kept.map(({ name, column }) => [name, Array.from(steps, (step, row) => [step, values[row * names.length + column]])]));
}
