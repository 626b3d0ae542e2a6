/** @file How long a run waits for its first step: when it must be traced, when an earlier job left it in memory, and when it lies in a file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCacheFolder } from '../src-main/artifacts/cache-folder';
import { openDevice } from '../src-main/engine/backends';
import { rememberPrograms, type ProgramStore } from '../src-main/engine/backends/program-store';
import { trainingStep, type Case } from './case';
import type { Figure } from './table';

const steps = [
  { title: 'Bayes by Backprop, 3 draws, 1200-1200', method: 'bbp', settings: { draws: 3, firstEpochDraws: 3 }, net: '1200-1200' },
  { title: 'MAP, LeNet-5', method: 'map', settings: {}, net: 'lenet' },
];
const rounds = 5;

export async function benchCompilation(threads: number): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'credence-bench-'));
  const onDisk = openCacheFolder({ folder, what: 'compiled step', build: 'bench', warn: (message) => console.error(message) });
  const memory = rememberPrograms();
  const figures: Figure[] = [];
  try {
    for (const { title, method, settings, net } of steps) {
      const device = await openDevice('auto', { threads });
      const step = await trainingStep(device, method, settings, net);
      await device.close();
      const time = async (place: string, programs: () => ProgramStore) =>
        figures.push({ name: `first step, ${title}, ${place}`, value: await bestFirstStep(step, threads, programs), unit: 'ms', target: 'printed' });
      await time('traced', rememberPrograms);
      await time('from memory', () => memory);
      await time('from a file', () => onDisk);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return figures;
}

/** Milliseconds from an open device to the end of the first step, the best of several; what the store lacks is put there before. */
async function bestFirstStep({ step, shapes, state, batch, hyper }: Case, threads: number, programs: () => ProgramStore): Promise<number> {
  let best = Infinity;
  for (let round = 0; round <= rounds; round++) {
    const device = await openDevice('auto', { threads, programs: programs() });
    const uploaded = device.upload(state);
    const start = performance.now();
    const program = await device.compile(step, shapes, JSON.stringify([shapes, hyper]));
    await program.run({ state: uploaded, batch, hyper, noise: { seed: 1, step: 0 } });
    if (round > 0) best = Math.min(best, performance.now() - start);
    await device.close();
  }
  return best;
}
