import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ExperimentId, RunId } from '../contract/ids';
import { insertArtifact } from '../store/artifacts';
import { getExperiment, getResult, insertExperiment, updateExperiment } from '../store/experiments';
import { insertRun } from '../store/runs';
import { exampleSpec } from '../store/testing';
import { type ExperimentQueue, openExperimentQueue } from './experiment-queue';
import { type Inspector, openInspector } from './inspector';
import { openPreparations, type Preparations } from './preparations';
import { openTestContext } from './testing';

let context: ReturnType<typeof openTestContext>;
let inspector: Inspector;
let experiments: ExperimentQueue;
let preparations: Preparations;
beforeEach(() => {
  context = openTestContext();
  inspector = openInspector(context);
  experiments = openExperimentQueue(context);
  preparations = openPreparations(context, inspector);
});
afterEach(async () => {
  await Promise.all([inspector.close(), experiments.close(), preparations.close()]);
  context.discard();
});

const soon = (assertion: () => void) => vi.waitFor(assertion, { interval: 3, timeout: 15_000 });

describe('inspector', () => {
  it('pairs answers with questions, and brings refusals as errors', async () => {
    const request = { title: 't', trainImages: 'file-aaaa', trainLabels: 'file-bbbb', normalisation: 'unit' } as never;
    const [good, bad, datasets] = await Promise.allSettled([
      inspector.ask({ type: 'check', spec: exampleSpec, imported: [] }),
      inspector.ask({ type: 'previewImport', request, files: {} }),
      inspector.ask({ type: 'datasets', imported: [] }),
    ]);
    expect(good).toMatchObject({ value: [] });
    expect(bad).toMatchObject({ reason: { code: 'invalid-file', message: 'Not IDX' } });
    expect(datasets).toMatchObject({ value: [{ id: 'mnist' }, { id: 'unreachable' }, { id: 'endless' }] });
  });

  it('fails every open question when it dies, and answers the next one', async () => {
    const preview = inspector.ask({ type: 'preview', dataset: { id: 'mnist', settings: {} }, part: 'train', offset: 0, rows: 1, imported: [] });
    await expect(preview).rejects.toMatchObject({ code: 'internal', message: expect.stringContaining('crashed over a preview') as string });
    expect(await inspector.ask({ type: 'check', spec: exampleSpec, imported: [] })).toEqual([]);
  });
});

describe('experiments', () => {
  const trained = (): RunId => {
    const { id } = insertRun(context.db, exampleSpec, 'trained');
    insertArtifact(context.db, { run: id, kind: 'checkpoint', file: `${id}/7`, sha256: 'ab', bytes: 1, step: 7, createdAt: 1 });
    return id;
  };
  const status = (id: ExperimentId) => getExperiment(context.db, id).status;

  it('run one after the other, with progress, and store their result', async () => {
    const run = trained();
    const [first, second] = [0, 1].map(() => experiments.enqueue({ kind: 'evaluate', runs: [run], settings: {} }));
    expect([status(first!.id), status(second!.id)]).toEqual(['running', 'queued']);
    await soon(() => expect(status(second!.id)).toBe('succeeded'));
    expect(getResult(context.db, first!.id)).toEqual({ checkpoint: 7, from: 0 });
    const progress = context.emitted.map(({ payload }) => (payload as { progress: { message: string } | null }).progress?.message);
    expect(progress).toContain('starting');
  });

  it('say what is known so far until they know more', async () => {
    const partial = {
      rows: 'MNIST',
      draws: 1,
      of: 9,
      error: null,
      nll: null,
      uncertainty: { total: 1, aleatoric: 1, epistemic: 0 },
      unit: 'nats',
      standardError: null,
    };
    const { id } = experiments.enqueue({ kind: 'evaluate', runs: [trained()], settings: { steps: 10_000, delay: 1, partial } });
    await soon(() => {
      const progress = experiments.withProgress(getExperiment(context.db, id)).progress;
      expect(progress?.message).toMatch(/^step (?!1$)/); // it went on, and kept what the first step told
      expect(progress?.partial).toEqual(partial);
    });
    experiments.cancel(id);
    await soon(() => expect(status(id)).toBe('cancelled'));
  });

  it('can be cancelled while running and while waiting', async () => {
    const run = trained();
    const [first, second] = [0, 1].map(() => experiments.enqueue({ kind: 'evaluate', runs: [run], settings: { steps: 10_000, delay: 1 } }));
    experiments.cancel(second!.id);
    experiments.cancel(first!.id);
    expect(status(second!.id)).toBe('cancelled');
    await soon(() => expect(status(first!.id)).toBe('cancelled'));
    expect(() => getResult(context.db, first!.id)).toThrowError(expect.objectContaining({ code: 'not-found' }));
  });

  // Mutations caught: parts that are deleted with a cancellation, or left lying after a success.
  it('go on from what they kept, and keep nothing at their end', async () => {
    const { id } = experiments.enqueue({ kind: 'evaluate', runs: [trained()], settings: { steps: 40, delay: 5 } });
    expect(() => experiments.resume(id)).toThrow('is running; only one that was cancelled, interrupted or failed can be resumed');
    await soon(() => expect(experiments.withProgress(getExperiment(context.db, id)).progress?.message).toMatch(/^step \d/));
    experiments.cancel(id);
    await soon(() => expect(status(id)).toBe('cancelled'));
    expect(experiments.resume(id)).toMatchObject({ status: 'running', error: null, endedAt: null });
    await soon(() => expect(status(id)).toBe('succeeded'));
    expect((getResult(context.db, id) as { from: number }).from).toBeGreaterThan(0);
    await soon(() => expect(readdirSync(context.folder.parts)).toEqual([]));
    expect(() => experiments.resume(id)).toThrow('is succeeded');
  });

  it('leave no parts behind that nobody can use', async () => {
    const { id } = insertExperiment(context.db, { kind: 'evaluate', runs: [trained()], settings: {} });
    updateExperiment(context.db, id, { status: 'cancelled' });
    for (const part of [id, 'exp-gone']) mkdirSync(join(context.folder.parts, part), { recursive: true });
    await openExperimentQueue(context).close();
    expect(readdirSync(context.folder.parts)).toEqual([id]);
  });

  it('are deleted even while they run', async () => {
    const { id } = experiments.enqueue({ kind: 'evaluate', runs: [trained()], settings: { steps: 10_000, delay: 1 } });
    await experiments.delete(id);
    expect(() => status(id)).toThrowError(expect.objectContaining({ code: 'not-found' }));
    expect(context.logged).toEqual([]);
  });

  it('fail with the reason when the worker dies, and need a trained run', async () => {
    const { id } = experiments.enqueue({ kind: 'evaluate', runs: [trained()], settings: { crashAt: 2 } });
    await soon(() =>
      expect(getExperiment(context.db, id)).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('crashed') as string } }),
    );
    const untrained = insertRun(context.db, exampleSpec, 'untrained').id;
    expect(() => experiments.enqueue({ kind: 'evaluate', runs: [untrained], settings: {} })).toThrow(`'untrained' has no checkpoint yet`);
  });

  it('are interrupted when the app closes', async () => {
    const { id } = experiments.enqueue({ kind: 'evaluate', runs: [trained()], settings: { steps: 10_000, delay: 1 } });
    await experiments.close();
    expect(status(id)).toBe('interrupted');
  });
});

describe('preparations', () => {
  const states = (id: string) =>
    context.emitted
      .map(({ payload }) => payload as { id: string; state: string })
      .filter((status) => status.id === id)
      .map(({ state }) => state);

  it('announce progress and end', async () => {
    preparations.prepare('mnist');
    await soon(() => expect(states('mnist').at(-1)).toBe('missing')); // what the fake inspector sees on disk
    expect(states('mnist')[0]).toBe('preparing');
  });

  it('show why they failed', async () => {
    preparations.prepare('unreachable');
    await soon(() => expect(states('unreachable').at(-1)).toBe('failed'));
    expect((await preparations.list())[1]).toMatchObject({ state: 'failed', error: { code: 'download-failed', message: 'No network' } });
    expect(context.notices).toEqual(['No network']);
  });

  it('can be cancelled, which is no failure', async () => {
    preparations.prepare('endless');
    preparations.prepare('endless'); // asked twice, done once
    expect((await preparations.list())[2]).toMatchObject({ id: 'endless', state: 'preparing' });
    preparations.cancel('endless');
    await soon(() => expect(states('endless').at(-1)).toBe('missing'));
    expect(context.notices).toEqual([]);
  });
});
