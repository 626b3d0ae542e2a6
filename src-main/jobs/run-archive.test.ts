import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sha256Of } from '../artifacts/artifact';
import type { Archive } from '../artifacts/archive';
import { openArchive, writeArchive } from '../artifacts/archive';
import type { RunId } from '../contract/ids';
import { MetricScope } from '../contract/run';
import { listArtifacts } from '../store/artifacts';
import { listEvents } from '../store/events';
import { getResult, insertExperiment, listExperiments, updateExperiment } from '../store/experiments';
import { insertMetrics, readMetrics } from '../store/metrics';
import { getRun, listArriving, listRuns } from '../store/runs';
import { importRun } from './run-archive';
import { openRunQueue, type RunQueue } from './run-queue';
import { describeRun } from './stored-run';
import { behaving, openTestContext } from './testing';

let context: ReturnType<typeof openTestContext>;
let queue: RunQueue;
let run: RunId;
let path: string;
beforeEach(async () => {
  context = openTestContext();
  queue = openRunQueue(context);
  path = join(context.folder.root, 'a.credence');
  run = queue.enqueue(behaving({ steps: 30, keepEvery: 10 }), 'moving').id;
  await vi.waitFor(() => expect(getRun(context.db, run).status).toBe('succeeded'), { interval: 3, timeout: 15_000 });
  insertMetrics(context.db, run, 'epoch', { names: ['a', 'b'], steps: Float64Array.of(10, 20), values: Float64Array.of(NaN, 0.1, 1 / 3, NaN) });
  insertMetrics(context.db, run, 'checkpoint', { names: ['w'], steps: Float64Array.of(0, 30), values: Float64Array.of(1, 2) });
  const { id } = insertExperiment(context.db, { kind: 'evaluate', runs: [run], settings: { draws: 3 } });
  updateExperiment(context.db, id, { status: 'succeeded', endedAt: 5, result: { of: run, error: 0.25 } });
});
afterEach(async () => {
  await queue.close();
  context.discard();
});

const exportRun = (id: RunId, at: string, app: string) => context.clerk.run({ type: 'packRun', run: id, path: at, app });
const files = () => readdirSync(context.folder.artifacts, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

describe('a run as one file', () => {
  // Mutations caught: a part that is left out, an id that is kept, rows that are mixed up, steps taken for values.
  it('comes back with everything under new ids, and needs the first one no more', async () => {
    await exportRun(run, path, '9.9.9');
    const [before, events, draws] = [getRun(context.db, run), listEvents(context.db, run), describeRun(context, run).draws];
    const metrics = MetricScope.options.map((scope) => readMetrics(context.db, run, scope, {}));
    await queue.purge(run);
    const { id } = await importRun(context, { path, title: 'a.credence' });

    expect(id).not.toBe(run);
    expect({ ...getRun(context.db, id), createdAt: 0 }).toEqual({ ...before, id, createdAt: 0 });
    expect(MetricScope.options.map((scope) => readMetrics(context.db, id, scope, {}))).toEqual(metrics);
    expect(listEvents(context.db, id).slice(0, -1)).toEqual(events);
    expect(listEvents(context.db, id).at(-1)!.message).toBe(`Imported from “a.credence”, where it was ${run}`);
    const stored = describeRun(context, id);
    expect(stored.draws.map(({ sha256, step }) => [sha256, step])).toEqual(draws.map(({ sha256, step }) => [sha256, step]));
    for (const { file, sha256 } of [stored.checkpoint, ...stored.draws]) expect(sha256Of(await readFile(join(context.folder.artifacts, file)))).toBe(sha256);
    const [experiment] = listExperiments(context.db, id);
    expect(experiment).toMatchObject({ kind: 'evaluate', runs: [id], settings: { draws: 3 }, status: 'succeeded', endedAt: 5 });
    expect(getResult(context.db, experiment!.id)).toEqual({ of: id, error: 0.25 });
    expect(context.emitted.at(-1)).toMatchObject({ event: 'run.changed', payload: { id, status: 'succeeded' } });
  });

  it('is there twice if it is imported beside the first', async () => {
    await exportRun(run, path, '1');
    await importRun(context, { path, title: 'a.credence' });
    expect(listRuns(context.db, { trash: false }).map(({ name }) => name)).toEqual(['moving', 'moving']);
  });

  // Mutation caught: files written before a later one turns out damaged, and left there.
  it('imports nothing of a file whose last entry is damaged, or which says impossible things', async () => {
    await exportRun(run, path, '1');
    const before = files().length;
    const bytes = await readFile(path);
    const last = listArtifacts(context.db, run, ['draws'])[0]!;
    const content = await readFile(join(context.folder.artifacts, last.file));
    bytes[bytes.lastIndexOf(content)]! ^= 1; // inside the stored entry
    await writeFile(path, bytes);
    await expect(importRun(context, { path, title: 'a.credence' })).rejects.toMatchObject({ code: 'checksum-mismatch' });

    const forged = join(context.folder.root, 'forged.credence');
    const whole = await openArchiveOf(run);
    await writeArchive(
      forged,
      '1',
      (async function* () {
        for (const { name } of whole.manifest.entries)
          yield {
            name,
            bytes: name === 'run.json' ? replaced(await whole.read(name), '"status": "succeeded"', '"status": "running"') : await whole.read(name),
          };
      })(),
    );
    await expect(importRun(context, { path: forged, title: 'forged' })).rejects.toMatchObject({
      code: 'invalid-file',
      message: expect.stringMatching(/run.json, status/),
    });
    expect(listRuns(context.db, { trash: false })).toHaveLength(1);
    expect(files()).toHaveLength(before);
  });

  it('opens files of the first versions, which have no quantiles of weights', async () => {
    await exportRun(run, path, '1');
    const [whole, old] = [await openArchive(path, 'a.credence'), join(context.folder.root, 'old.credence')];
    await writeArchive(
      old,
      '1',
      (async function* () {
        for (const { name } of whole.manifest.entries.filter(({ name }) => name !== 'metrics-checkpoint.f64')) {
          const bytes = await whole.read(name);
          if (name !== 'run.json') yield { name, bytes };
          else {
            const { metrics, ...rest } = JSON.parse(new TextDecoder().decode(bytes)) as { metrics: Record<string, unknown> };
            yield { name, bytes: new TextEncoder().encode(JSON.stringify({ ...rest, metrics: { step: metrics['step'], epoch: metrics['epoch'] } })) };
          }
        }
      })(),
    );
    const { id } = await importRun(context, { path: old, title: 'old.credence' });
    expect(MetricScope.options.map((scope) => readMetrics(context.db, id, scope, {}).steps.length)).toEqual([30, 2, 0]);
  });

  // Mutations caught: rows that a cancelled import leaves, a half-imported run that is listed.
  it('brings long metrics in portions, in no list before its end, and nothing of it if it is cancelled', async () => {
    const rows = 9000;
    const steps = Float64Array.from({ length: rows }, (_, i) => 100 + i);
    insertMetrics(context.db, run, 'step', { names: ['nll'], steps, values: steps.map((step) => 1 / step) });
    const told: number[] = [];
    await context.clerk.run({ type: 'packRun', run, path, app: '1' }, { report: (fraction) => void told.push(fraction) });
    expect(told.length).toBeGreaterThan(3);
    expect([...told].sort((a, b) => a - b)).toEqual(told);
    expect(told.at(-1)).toBeCloseTo(1, 2);
    const everywhere = () => [false, true].flatMap((trash) => listRuns(context.db, { trash }).map(({ id }) => id));
    const before = files().length;

    const stop = new AbortController();
    const report = vi.fn(() => {
      expect(everywhere()).toEqual([run]);
      expect(listArriving(context.db)).toHaveLength(1);
      if (report.mock.calls.length === 2) stop.abort();
    });
    await expect(importRun(context, { path, title: 'a.credence' }, { signal: stop.signal, report })).rejects.toMatchObject({ code: 'cancelled' });
    expect([everywhere(), listArriving(context.db), files().length]).toEqual([[run], [], before]);

    const { id } = await importRun(context, { path, title: 'a.credence' });
    expect(readMetrics(context.db, id, 'step', {})).toEqual(readMetrics(context.db, run, 'step', {}));
  });

  it('is not written while the run trains', async () => {
    const busy = queue.enqueue(behaving({ steps: 1e6, delay: 5 }), 'busy').id;
    await expect(exportRun(busy, path, '1')).rejects.toMatchObject({ code: 'unsupported' });
  });
});

async function openArchiveOf(id: RunId): Promise<Archive> {
  const at = join(context.folder.root, 'again.credence');
  await exportRun(id, at, '1');
  return openArchive(at, 'again');
}

const replaced = (bytes: Uint8Array, from: string, to: string): Uint8Array => {
  const text = new TextDecoder().decode(bytes);
  expect(text).toContain(from);
  return new TextEncoder().encode(text.replace(from, to));
};
