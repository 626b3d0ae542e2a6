import Database from 'better-sqlite3';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type App, openApp } from './app';
import type { CallInput, EventName, Output, Procedure } from './contract/rpc';
import { behaving, writeFakeWorker } from './jobs/testing';
import { typedCall } from './rpc/router';

let dataDir: string;
let workerPath: string;
let app: App | null;
let emitted: { event: EventName; payload: unknown }[];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'credence-app-'));
  workerPath = writeFakeWorker(dataDir);
  app = null;
  emitted = [];
});
afterEach(async () => {
  await app?.close();
  rmSync(dataDir, { recursive: true });
});

const open = async () =>
  (app = await openApp({ dataDir, workerPath, version: '1.2.3', mode: 'browser', emit: (event, payload) => void emitted.push({ event, payload }) }));
const call = <P extends Procedure>(name: P, input: CallInput<P>): Promise<Output<P>> => typedCall(app!)(name, input);
const close = async () => {
  await app!.close();
  app = null;
};
const finished = (run: Output<'runs.create'>) =>
  vi.waitFor(async () => expect((await call('runs.get', run.id)).status).toBe('succeeded'), { interval: 5, timeout: 15_000 });

describe('app', () => {
  it('trains a run from request to result, and shows it again after a restart', async () => {
    await open();
    const run = await call('runs.create', behaving({ steps: 20 }));
    expect(run).toMatchObject({ name: 'bbp on drawn-digits', status: 'running' });
    await finished(run);
    const experiment = await call('experiments.start', { kind: 'evaluate', runs: [run.id], settings: {} });
    await vi.waitFor(async () => expect(await call('experiments.result', experiment.id)).toEqual({ checkpoint: 20, from: 0 }), { interval: 5, timeout: 15_000 });
    await close();
    await open();
    expect(await call('runs.list', {})).toMatchObject([{ id: run.id, status: 'succeeded', latest: { nll: 1 } }]);
    expect([...(await call('runs.metrics', { run: run.id, scope: 'step', maxRows: 3 })).steps]).toEqual([1, 10, 20]);
    expect(await call('experiments.list', { run: run.id })).toMatchObject([{ status: 'succeeded' }]);
  });

  it('stores nothing that the engine finds fault with', async () => {
    await open();
    await expect(call('runs.create', { ...behaving({}), method: { id: 'unknown' } })).rejects.toMatchObject({
      code: 'invalid-spec',
      message: 'method: is unknown',
      details: { problems: [{ path: 'method', message: 'is unknown' }] },
    });
    expect(await call('runs.list', {})).toEqual([]);
  });

  it('admits one process to a data folder', async () => {
    await open();
    app!.publish({ port: 4000, token: 'secret', url: 'http://127.0.0.1:4000/?token=secret' });
    await expect(openApp({ dataDir, workerPath, version: '', mode: 'browser', emit: () => undefined })).rejects.toMatchObject({
      code: 'already-running',
      message: expect.stringContaining('http://127.0.0.1:4000/') as string,
    });
    expect(await call('runs.list', {})).toEqual([]); // undisturbed
    await close();
    await open();
  });

  it('refuses a database of a later version, and lets go of the folder', async () => {
    await open();
    await close();
    const db = new Database(join(dataDir, 'credence.db'));
    db.pragma('user_version = 99');
    db.close();
    await expect(open()).rejects.toMatchObject({ code: 'newer-database' });
    expect(existsSync(join(dataDir, 'owner.lock'))).toBe(false);
  });

  it('imports and deletes a dataset', async () => {
    await open();
    const [trainImages, trainLabels] = ['file-aaaa', 'file-bbbb'] as const;
    for (const file of [trainImages, trainLabels]) writeFileSync(join(app!.folder.uploads, file), 'x');
    const request = { title: 'MNIST (mine)', trainImages, trainLabels } as CallInput<'datasets.import'>;
    await expect(call('datasets.previewImport', request)).rejects.toMatchObject({ code: 'invalid-file' });
    expect(await call('datasets.import', request)).toBe('mnist-mine');
    expect(existsSync(join(app!.folder.uploads, trainImages))).toBe(false);
    await expect(call('datasets.import', request)).rejects.toMatchObject({ code: 'not-found' }); // the uploads are gone
    await expect(call('datasets.delete', 'nowhere')).rejects.toMatchObject({ code: 'not-found' });
    await call('datasets.delete', 'mnist');
  });

  it('gives a run the device of the settings, for good', async () => {
    await open();
    await call('settings.update', { defaultDevice: 'tfjs-cpu' });
    const run = await call('runs.create', behaving({ steps: 1 }));
    await call('settings.update', { defaultDevice: 'auto' });
    expect((await call('runs.get', run.id)).spec.compute.device).toBe('tfjs-cpu');
  });

  it('changes one setting and leaves the others', async () => {
    await open();
    await call('settings.update', { trashDays: 3 });
    expect(await call('settings.update', { theme: 'dark' })).toMatchObject({ theme: 'dark', trashDays: 3 });
    expect(emitted.filter(({ event }) => event === 'settings.changed')).toHaveLength(2);
  });

  it('empties the trash of what has lain there for long', async () => {
    await open();
    const run = await call('runs.create', behaving({ steps: 5 }));
    await finished(run);
    await call('runs.delete', run.id);
    await close();
    const db = new Database(join(dataDir, 'credence.db'));
    db.prepare('UPDATE runs SET deleted_at = ?').run(Date.now() - 29 * 24 * 3600 * 1000);
    await open();
    expect(await call('runs.list', { trash: true })).toHaveLength(1);
    await close();
    db.prepare('UPDATE runs SET deleted_at = ?').run(Date.now() - 31 * 24 * 3600 * 1000);
    db.close();
    await open();
    expect(await call('runs.list', { trash: true })).toEqual([]);
  });

  it('sweeps files that nobody recorded, and old uploads', async () => {
    await open();
    const [orphan, upload] = [join(app!.folder.artifacts, '5.safetensors.partial'), join(app!.folder.uploads, 'file-aaaa')];
    await close();
    for (const path of [orphan, upload]) writeFileSync(path, 'x');
    utimesSync(upload, 0, 0);
    await open();
    expect([existsSync(orphan), existsSync(upload)]).toEqual([false, false]);
  });

  it('says how it is, and keeps and shows what nobody caught', async () => {
    await open();
    expect(await call('app.info', null)).toMatchObject({ version: '1.2.3', mode: 'browser', dataDir });
    app!.reportCrash(new Error('boom'), 'uncaughtException');
    await call('app.reportRendererError', { message: 'a window broke', stack: 'at x' });
    expect(await call('app.notices', null)).toMatchObject([{ level: 'error', error: { code: 'internal', message: 'boom' } }]);
    const diagnostics = await call('app.diagnostics', null);
    expect(diagnostics).toContain('boom');
    expect(diagnostics).toContain('a window broke');
    expect(readFileSync(join(app!.folder.logs, 'credence.log'), 'utf8')).toContain('crash-');
    expect(await call('app.openLogFolder', null)).toEqual({ path: app!.folder.logs, opened: false });
  });
});

describe('a killed app', () => {
  const built = join(import.meta.dirname, `../.cache/app-test-${process.pid}`);
  const program = `
    import { openApp } from './app.js';
    const [dataDir, workerPath, spec] = process.argv.slice(2);
    let step = 0;
    const emit = (event, payload) => {
      if (event === 'run.metrics' && (step = payload.chunk.steps[0]) === 25) console.log('step 25');
    };
    const app = await openApp({ dataDir, workerPath, version: '1', mode: 'browser', emit });
    await app.call('runs.create', JSON.parse(spec));
  `;
  beforeAll(async () => {
    await build({ configFile: false, logLevel: 'error', build: { ssr: join(import.meta.dirname, 'app.ts'), outDir: built, emptyOutDir: true } });
    writeFileSync(join(built, 'child.js'), program);
  });
  afterAll(() => rmSync(built, { recursive: true }));

  it('leaves an interrupted run, which resumes to the rows of one that was never killed', async () => {
    const child: ChildProcess = spawn(process.execPath, [join(built, 'child.js'), dataDir, workerPath, JSON.stringify(behaving({ steps: 40, delay: 2 }))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout!, 'data'); // step 25 is stored: the newest checkpoint is that of step 20
    child.kill('SIGKILL');
    await once(child, 'exit');

    await open(); // takes over the lock of the dead process
    const [run] = await call('runs.list', {});
    expect(run).toMatchObject({ status: 'interrupted', hasCheckpoint: true });
    const before = await call('runs.metrics', { run: run!.id, scope: 'step' });
    expect(before.steps.at(-1)).toBeGreaterThanOrEqual(25);
    await call('runs.resume', run!.id);
    await finished(run!);
    const { steps } = await call('runs.metrics', { run: run!.id, scope: 'step' });
    expect([...steps]).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect((await call('runs.events', run!.id)).map(({ message }) => message)).toEqual([
      'from 0',
      'Interrupted: Credence ended while the run was training',
      'from 20',
      'Finished',
    ]);
  });
});
