/** @file npm run bench: every claim of speed is a row printed here, with the machine's own floor measured in the same run. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openDevice } from '../src-main/engine/backends';
import { benchApp } from './app';
import { benchCompilation } from './compile';
import { measureFloor } from './floor';
import { benchTrainingSteps } from './training-step';
import { printFigures, printRows } from './table';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' }, // comma-separated methods or peers, 'compile', or 'app'
    threads: { type: 'string', default: '2' },
    'no-peer': { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
async function main(): Promise<void> {
  const threads = Number(flags.threads);
  const only = flags.only?.split(',') ?? null;

  const device = await openDevice('auto', { threads });
  const floor = await measureFloor(device);
  await device.close();
  console.log(`${device.name}, ${threads} threads, ${device.engine}`);
  console.log(`floor: ${floor.gflops.toFixed(0)} GFLOP/s, ${floor.bandwidth.toFixed(1)} GB/s, ${(floor.normals * 1000).toFixed(0)} million normals/s`);

  const steps = await benchTrainingSteps(floor, { threads, only, peers: !flags['no-peer'] });
  printRows(steps);
  const wants = (figures: string) => only === null || only.includes(figures);
  const figures = [...(wants('compile') ? await benchCompilation(threads) : []), ...(wants('app') ? await benchApp() : [])];
  printFigures(figures);
  if (flags.json) writeFileSync(flags.json, JSON.stringify({ date: new Date().toISOString(), threads, engine: device.engine, floor, steps, figures }, null, 2));
}

// Not a top-level await: the chunks of the bundle import this module and would wait for it.
main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
