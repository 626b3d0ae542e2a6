/** @file How the whole app feels: the main process's event loop under a training at full speed, and the way from process start to the Runs screen. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright';
import { openApp } from '../src-main/app';
import { Run } from '../src-main/contract/run';
import { RunSpec } from '../src-main/contract/spec';
import { findChromium } from '../e2e/chromium.mjs';
import type { Figure } from './table';
import { makeBigStore } from './big-store';
import { benchManyRuns, benchQuestions } from './window';

const out = resolve('out/main');

export async function benchApp(): Promise<Figure[]> {
  if (!existsSync(join(out, 'worker.js'))) {
    console.error('no figures of the app: npm run build comes first');
    return [];
  }
  return [
    ...(await withFolder(eventLoop)),
    ...(await withFolder(archives)),
    ...(await withFolder(startup)),
    ...(await withFolder(benchManyRuns)),
    ...(await withFolder(benchQuestions)),
  ];
}

async function withFolder(measure: (dataDir: string) => Promise<Figure[]>): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'credence-bench-'));
  try {
    return await measure(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A toy net steps thousands of times a second: the worst flood of metrics that a run can send. */
async function eventLoop(dataDir: string): Promise<Figure[]> {
  const app = await openApp({ dataDir, workerPath: join(out, 'worker.js'), version: 'bench', mode: 'browser', emit: () => undefined });
  const spec = RunSpec.parse({
    dataset: { id: 'toy-homoscedastic' },
    architecture: { layers: [{ kind: 'flatten' }, { kind: 'dense', settings: { units: 8 } }, { kind: 'output' }] },
    likelihood: { id: 'gaussian' },
    method: { id: 'map' },
    training: { epochs: 100_000, batchSize: 10 },
  });
  const run = Run.parse(await app.call('runs.create', spec));
  const seconds = 20;
  await new Promise((wait) => setTimeout(wait, 3000));
  const before = Run.parse(await app.call('runs.get', run.id));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await new Promise((wait) => setTimeout(wait, seconds * 1000));
  delay.disable();
  const after = Run.parse(await app.call('runs.get', run.id));
  await app.close();
  const ms = (nanoseconds: number) => nanoseconds / 1e6;
  return [
    {
      name: 'training speed meanwhile',
      value: ((after.progress?.step ?? 0) - (before.progress?.step ?? 0)) / seconds,
      unit: '/s',
      target: 'steps of an 8-unit net',
    },
    { name: 'event loop of the main process, p99.9', value: ms(delay.percentile(99.9)), unit: 'ms', target: 'at most 50' },
    { name: 'event loop of the main process, maximum', value: ms(delay.max), unit: 'ms', target: 'printed' },
  ];
}

/** A long run goes out as a file and comes back, while the main process should notice nothing. */
async function archives(dataDir: string): Promise<Figure[]> {
  const rows = 1_000_000;
  const [run] = makeBigStore(dataDir, { runs: 1, rows: { first: rows, other: 0 } });
  const app = await openApp({ dataDir, workerPath: join(out, 'worker.js'), version: 'bench', mode: 'browser', emit: () => undefined });
  const during = async (name: string, action: () => Promise<unknown>): Promise<Figure[]> => {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const start = performance.now();
    await action();
    const seconds = (performance.now() - start) / 1000;
    delay.disable();
    return [
      { name: `${name} a run of a million metric rows`, value: seconds, unit: 's', target: 'printed' },
      { name: '… event loop of the main process meanwhile, maximum', value: delay.max / 1e6, unit: 'ms', target: 'at most 50' },
    ];
  };
  let file: unknown;
  const figures = [
    ...(await during('export', async () => (file = await app.call('runs.export', { run, format: 'credence' })))),
    ...(await during('import', () => app.call('runs.import', { file: (file as { file: string }).file, title: 'bench' }))),
    ...(await during('read all of', () => app.call('runs.metrics', { run, scope: 'step' }))),
  ];
  await app.close();
  return figures;
}

/** From spawning the browser host to the heading of the Runs screen answering in a browser that is already open. */
async function startup(dataDir: string): Promise<Figure[]> {
  const executablePath = await findChromium();
  if (!executablePath) {
    console.error('no startup time: no Chromium here');
    return [];
  }
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const page = await browser.newPage();
  const start = performance.now();
  const host = spawn(process.execPath, [join(out, 'host.js'), '--data-dir', dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    for await (const line of createInterface({ input: host.stdout })) {
      const url = /http:\/\/\S+/.exec(line)?.[0];
      if (!url) continue;
      await page.goto(url);
      await page.getByRole('heading', { name: 'Runs' }).waitFor();
      break;
    }
    return [{ name: 'process start to interactive Runs screen', value: (performance.now() - start) / 1000, unit: 's', target: 'under 3' }];
  } finally {
    host.kill('SIGTERM');
    await browser.close();
  }
}
