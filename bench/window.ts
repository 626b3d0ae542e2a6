/** @file How the window feels with much in it: the list of a thousand runs, two long curves that grow, strokes on the draw pad, the first part of a study. */
import { chromium, type Page, type WebSocketRoute } from 'playwright';
import { findChromium } from '../e2e/chromium.mjs';
import { Credence } from '../e2e/credence';
import { until } from '../e2e/runs';
import { encodeFrame } from '../src-main/contract/frames';
import type { RunId } from '../src-main/contract/ids';
import type { MetricChunk, Run } from '../src-main/contract/run';
import type { Client } from '../src-main/host/client';
import { makeBigStore, year } from './big-store';
import type { Figure } from './table';

const entry = 'out/main/host.js';

/** @param dataDir an empty folder */
export async function benchManyRuns(dataDir: string): Promise<Figure[]> {
  const executablePath = await findChromium();
  if (!executablePath) {
    console.error('no figures of the window: no Chromium here');
    return [];
  }
  const longest = makeBigStore(dataDir, year);
  const credence = new Credence(dataDir, entry);
  await credence.start();
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const client = await credence.connect();
    const asked = await best(5, async () => void (await client.call('runs.list', { trash: false })));
    const metrics = await best(3, async () => void (await client.call('runs.metrics', { run: longest[0]!, scope: 'step', maxRows: 20_000 })));
    await client.close();
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    let pushed: WebSocketRoute | undefined;
    await page.routeWebSocket(/.*/, (socket) => {
      socket.connectToServer();
      pushed = socket;
    });
    await page.goto(credence.url);
    await page.getByRole('row').nth(1).waitFor();
    const shown = await best(5, () => openList(page));
    const figures = [
      { name: '1,000 runs, 5 million metric rows: list read', value: asked, unit: 'ms', target: 'with the next, under 200' },
      { name: '… and shown', value: shown, unit: 'ms', target: 'with the one before, under 200' },
      { name: '… 20,000 of 100,000 metric rows read', value: metrics, unit: 'ms', target: 'printed' },
    ];
    return [...figures, ...(await replay(page, longest, (frame) => pushed?.send(Buffer.from(frame))))];
  } finally {
    await browser.close();
    await credence.stop();
  }
}

/** From the click on Runs to the frame after the one that holds its rows, ms. */
async function openList(page: Page): Promise<number> {
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
  return page.evaluate<number>(`(async () => {
    const start = performance.now();
    document.querySelector('nav a[href="#/runs"]').click();
    while (!document.querySelector('tbody tr')) await new Promise(requestAnimationFrame);
    await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
    return performance.now() - start;
  })()`);
}

/** Two curves of 100,000 points each, compared, grow by 200 rows a second. */
async function replay(page: Page, runs: readonly RunId[], push: (frame: Uint8Array) => void): Promise<Figure[]> {
  const names = ['elbo', 'nll', 'kl'];
  const send = (first: number, rows: number) => {
    for (const run of runs) {
      const steps = Float64Array.from({ length: rows }, (_, i) => first + i);
      const values = Float64Array.from({ length: rows * names.length }, (_, i) => -1 - 100 / (first + i / 3) + 0.1 * Math.sin(7 * i + first));
      const chunk: MetricChunk = { names, steps, values };
      push(encodeFrame({ event: 'run.metrics', payload: { run, scope: 'step', chunk } }));
    }
  };
  await page.goto(`${new URL(page.url()).origin}/#/compare?runs=${runs.join(',')}`);
  const metrics = page.getByRole('group', { name: 'Curves' }).getByRole('checkbox');
  await metrics.first().waitFor();
  // From the first step on: it takes the place of what was stored.
  send(1, 100_000);
  for (const metric of await metrics.all()) await metric.check();
  await page.waitForTimeout(2000);
  await page.evaluate(`
    window.longTasks = [];
    new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' })`);
  const seconds = 10;
  const start = performance.now();
  for (let tick = 0; tick < 10 * seconds; tick++) {
    send(100_001 + 20 * tick, 20);
    await new Promise((wait) => setTimeout(wait, Math.max(0, start + 100 * (tick + 1) - performance.now())));
  }
  const tasks = await page.evaluate<number[]>('longTasks');
  return [
    { name: `two curves of 100,000 points grow by 200 rows/s for ${seconds} s: tasks over 50 ms`, value: tasks.length, unit: '', target: '0' },
    { name: '… the longest task over 50 ms', value: Math.max(0, ...tasks), unit: 'ms', target: '0: there was none' },
  ];
}

/** Strokes on the draw pad, and the first part of a study, asked through the host as the window asks. @param dataDir an empty folder */
export async function benchQuestions(dataDir: string): Promise<Figure[]> {
  const credence = new Credence(dataDir, entry);
  await credence.start();
  const client = await credence.connect();
  try {
    const small = await train(client, [400, 400]);
    const look = (stroke: number) => client.call('explore.look', { run: small.id, draws: 50, image: { pixels: drawing(stroke) } });
    await look(0); // opens the run and makes its draws
    const times: number[] = [];
    for (let stroke = 1; stroke <= 100; stroke++) times.push(await timed(() => look(stroke)));
    times.sort((a, b) => a - b);

    const large = await train(client, [1200, 1200]);
    const figures: Figure[] = [
      { name: 'a stroke on the draw pad, 50 draws of 400-400, median', value: times[50]!, unit: 'ms', target: 'under 50' },
      { name: '… 95th percentile', value: times[95]!, unit: 'ms', target: 'under 50' },
    ];
    for (const [kind, settings] of Object.entries({ evaluate: {}, 'ood-detection': { dataset: 'noise' }, adversarial: {}, rotation: {} }))
      figures.push({
        name: `first part of ${kind}, 100 draws of 1200-1200`,
        value: await firstPart(client, large, kind, settings),
        unit: 's',
        target: 'within 2',
      });
    return figures;
  } finally {
    await client.close();
    await credence.stop();
  }
}

async function train(client: Client, widths: readonly number[]): Promise<Run> {
  const { id } = await client.call('runs.create', {
    name: widths.join('-'),
    dataset: { id: 'drawn-digits' },
    architecture: { layers: [{ kind: 'flatten' }, ...widths.map((units) => ({ kind: 'dense', settings: { units } })), { kind: 'output' }] },
    likelihood: { id: 'categorical' },
    method: { id: 'bbp', settings: { draws: 1, firstEpochDraws: 1 } },
    training: { epochs: 1, batchSize: 1000 },
  });
  return until(client, id, ({ status }) => status === 'succeeded');
}

/** Seconds from the click to the first partial result. */
async function firstPart(client: Client, { id: run }: Run, kind: string, settings: object): Promise<number> {
  const start = performance.now();
  let stop = () => {};
  const told = new Promise<number>((resolve, reject) => {
    stop = client.on('experiment.changed', ({ progress, status, error }) => {
      if (progress?.partial) resolve((performance.now() - start) / 1000);
      else if (status === 'failed') reject(new Error(error?.message));
    });
  });
  const { id } = await client.call('experiments.start', { kind, runs: [run], settings: { draws: 100, ...settings } });
  const seconds = await told;
  stop();
  await client.call('experiments.delete', id);
  return seconds;
}

/** A line that grows from stroke to stroke. */
const drawing = (strokes: number) => Array.from({ length: 784 }, (_, i) => (i % 28 === 14 && i < 8 * strokes ? 255 : 0));

async function timed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/** The shortest of several times, ms; `measure` may measure for itself. */
async function best(times: number, measure: () => Promise<number | void>): Promise<number> {
  let shortest = Infinity;
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    shortest = Math.min(shortest, (await measure()) ?? performance.now() - start);
  }
  return shortest;
}
