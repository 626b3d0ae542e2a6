/** @file npm run bench: every claim of speed is a row printed here, with the machine's own floor measured in the same run. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openDevice } from '../src-main/engine/backends';
import { measureRates } from '../src-main/engine/backends/device-rates';
import { productRate } from '../src-main/engine/backends/product-rate';
import { benchApp } from './app';
import { trainingStep } from './case';
import { benchCompilation } from './compile';
import { benchEstimates } from './estimates';
import { benchGpu } from './gpu';
import { benchLaplace } from './laplace';
import { benchPredictive } from './predictive';
import { profile } from './profile';
import { benchQuantisation } from './quantisation';
import { benchTrainingSteps, settingsOf } from './rows';
import { benchSamplers } from './samplers';
import { benchStudies } from './studies';
import { printFigures, printPhases, printRows } from './table';
import { bestOf } from './timing';
import { benchUci } from './uci';
import { benchWidths } from './widths';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' }, // comma-separated methods, or 'lenet', 'lstm', 'predictive', 'studies', 'widths', 'samplers', 'laplace', 'uci', 'uci/METHOD', 'quantisation', 'estimates', 'compile', 'app'
    profile: { type: 'string' }, // a method, or 'method@preset'
    device: { type: 'string' }, // a GPU's id: its own rows, see gpu.ts
    net: { type: 'string', default: '1200-1200' }, // of a GPU's rows
    threads: { type: 'string', default: '2' },
    'no-peer': { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});

async function main(): Promise<void> {
  const threads = Number(flags.threads);
  const only = flags.only?.split(',') ?? null;
  const wants = (name: string) => only === null || only.includes(name);

  if (flags.device) return benchGpu({ device: flags.device, threads, only, peers: !flags['no-peer'], net: flags.net.split('-').map(Number) });

  const device = await openDevice('auto', { threads });
  const floor = await measureRates(device, bestOf, await productRate(device, 2000));
  console.log(`${device.name}, ${threads} threads, ${device.engine}`);
  console.log(`floor: ${floor.gflops.toFixed(0)} GFLOP/s, ${floor.bandwidth.toFixed(1)} GB/s, ${(floor.normals * 1000).toFixed(0)} million normals/s`);
  if (flags.profile) {
    const [method = '', net = '1200-1200'] = flags.profile.split('@');
    const step = await trainingStep(device, method, settingsOf(method), net);
    await device.close();
    printPhases(await profile(step, threads, floor));
    return;
  }
  await device.close();

  const options = { threads, only, peers: !flags['no-peer'] };
  const rows = await benchTrainingSteps(floor, options);
  if (wants('predictive')) rows.push(await benchPredictive(floor, options));
  if (wants('studies')) rows.push(...(await benchStudies(floor, threads)));
  if (wants('widths')) rows.push(...(await benchWidths(floor, threads)));
  printRows(rows);
  const figures = [
    ...(wants('samplers') ? await benchSamplers(threads) : []),
    ...(wants('laplace') ? await benchLaplace(threads) : []),
    ...(only === null || only.some((name) => name.startsWith('uci')) ? await benchUci(threads, only) : []),
    ...(wants('quantisation') ? await benchQuantisation(threads) : []),
    ...(wants('estimates') ? await benchEstimates(threads) : []),
    ...(wants('compile') ? await benchCompilation(threads) : []),
    ...(wants('app') ? await benchApp() : []),
  ];
  printFigures(figures);
  if (flags.json) writeFileSync(flags.json, JSON.stringify({ date: new Date().toISOString(), threads, engine: device.engine, floor, rows, figures }, null, 2));
}

// Not a top-level await: the chunks of the bundle import this module and would wait for it.
main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
