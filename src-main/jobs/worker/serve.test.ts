import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256Of } from '../../artifacts/artifact';
import { decodeSafetensors } from '../../artifacts/safetensors';
import type { Catalogue } from '../../contract/catalogue';
import { Evaluation } from '../../contract/experiment';
import { RunId } from '../../contract/ids';
import { experiments } from '../../experiments';
import { Control } from '../protocol';
import { job, spec, WorkerInTest } from './testing';

describe('a worker', () => {
  let folder: string;
  const workers: WorkerInTest[] = [];
  const start = () => {
    const worker = new WorkerInTest(folder);
    workers.push(worker);
    return worker;
  };
  const parts = () => ({ folder: join(folder, 'parts'), build: 'test' });
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'credence-worker-'))));
  afterEach(async () => {
    for (const worker of workers.splice(0)) worker.close();
    await rm(folder, { recursive: true });
  });

  it('trains a run, stores its last state, and evaluates it', async () => {
    const worker = start();
    worker.post(job());
    expect(await worker.next('ended')).toMatchObject({ outcome: 'succeeded' });
    const [started] = worker.all('started');
    expect(started).toMatchObject({ steps: 4 * 5, environment: { threads: 1 } }); // 225 training rows
    const steps = worker
      .all('metrics')
      .filter(({ scope }) => scope === 'step')
      .flatMap(({ chunk }) => [...chunk.steps]);
    expect(steps).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    const epochs = worker
      .all('metrics')
      .filter(({ scope }) => scope === 'epoch')
      .map(({ chunk }) => chunk);
    expect(epochs.flatMap(({ steps }) => [...steps])).toEqual([5, 10, 15, 20]);
    expect(epochs[0]!.names).toEqual(['trainRmse', 'trainNll', 'validationRmse', 'validationNll']);
    expect(epochs.every(({ values }) => values.every(Number.isFinite))).toBe(true);

    const checkpoint = worker.all('checkpoint').at(-1)!;
    const bytes = await readFile(join(folder, 'artifacts', checkpoint.file.file));
    expect([sha256Of(bytes), bytes.byteLength, checkpoint.step]).toEqual([checkpoint.file.sha256, checkpoint.file.bytes, 20]);
    expect(decodeSafetensors(bytes).metadata).toEqual({ step: '20' });

    const stored = {
      run: RunId.parse('run-test'),
      name: 'test',
      spec: spec(),
      checkpoint: { ...checkpoint.file, step: 20 },
      draws: [],
      datasetHash: started!.datasetHash,
    };
    const examiner = start();
    examiner.post({ type: 'experiment', kind: 'evaluate', settings: { draws: 5 }, threads: 1, imported: [], runs: [stored], parts: parts() });
    const result = Evaluation.parse((await examiner.next('ended')).result);
    expect(result).toMatchObject({ task: 'regression', rows: 150, draws: 5 });
    if (result.task === 'regression') expect(result.bands?.exact?.mean).toHaveLength(200);
  });

  it('writes kept draws before the checkpoint that covers them, and predicts from them', async () => {
    const sampler = spec({ keptPrecision: 'float16' }, { method: { id: 'sgld', settings: {} } });
    const worker = start();
    worker.post(job({ spec: sampler }));
    await worker.next('ended');
    const draws = worker.all('draw');
    expect(draws.length).toBeGreaterThan(1);
    expect(worker.received.findLastIndex(({ type }) => type === 'draw')).toBeLessThan(worker.received.findLastIndex(({ type }) => type === 'checkpoint'));
    const bytes = await readFile(join(folder, 'artifacts', draws[0]!.file.file));
    expect(decodeSafetensors(bytes).metadata).toEqual({ step: String(draws[0]!.step), member: '0' });
    expect(decodeSafetensors(bytes).tensors['dense1.kernel']?.shape).toEqual([1, 6]);

    const { file, step } = worker.all('checkpoint').at(-1)!;
    const stored = { run: RunId.parse('run-test'), name: 'test', spec: sampler, checkpoint: { ...file, step }, datasetHash: null };
    const examiner = start();
    const runs = [{ ...stored, draws: draws.map(({ file, step }) => ({ ...file, step })) }];
    examiner.post({ type: 'experiment', kind: 'evaluate', settings: { draws: 100 }, threads: 1, imported: [], runs, parts: parts() });
    expect(Evaluation.parse((await examiner.next('ended')).result)).toMatchObject({ draws: draws.length });
  });

  it.each([
    { id: 'bbp', stopAfter: 'metrics', settings: { draws: 1, firstEpochDraws: 1, learningRate: 0.01 } },
    { id: 'snapshot-ensemble', stopAfter: 'draw', settings: { cycles: 20, optimiser: 'momentum', learningRate: 0.01 } },
  ] as const)('resumes to the same bits as a run that was never stopped: $id', async ({ stopAfter, ...method }) => {
    const long = spec({ epochs: 100, validateEvery: 100 }, { method }); // still going when the stop arrives
    const whole = start();
    whole.post(job({ spec: long }));
    await whole.next('ended');
    const first = start();
    first.post(job({ spec: long, run: RunId.parse('run-other') }));
    await first.next(stopAfter);
    Atomics.store(first.control, 0, Control.stop);
    expect(await first.next('ended')).toMatchObject({ outcome: 'stopped' });
    const { file, step } = first.all('checkpoint').at(-1)!;
    const second = start();
    const { environment, datasetHash } = first.all('started')[0]!;
    second.post(job({ spec: long, run: RunId.parse('run-other'), checkpoint: { ...file, step }, environment: { ...environment, threads: 7 }, datasetHash }));
    await second.next('ended');
    const tensors = async (worker: WorkerInTest) =>
      decodeSafetensors(await readFile(join(folder, 'artifacts', worker.all('checkpoint').at(-1)!.file.file))).tensors;
    expect(await tensors(second)).toEqual(await tensors(whole));
    const drawn = (worker: WorkerInTest) => worker.all('draw').map((draw) => [draw.step, draw.file.sha256]);
    expect([...drawn(first), ...drawn(second)]).toEqual(drawn(whole));
    expect(drawn(whole)).toHaveLength(method.id === 'bbp' ? 0 : 20);
    expect(second.all('started')[0]!.notes).toEqual([
      expect.stringMatching(`^Resumed from step ${step} on `),
      expect.stringMatching(/the number of threads \(7 → 1\) changed.*differ in their last digits/),
    ]);
  });

  it('pauses, tells so after its checkpoint, and goes on', async () => {
    const worker = start();
    Atomics.store(worker.control, 0, Control.pause);
    worker.post(job());
    await worker.next('paused');
    expect(worker.received.map(({ type }) => type).filter((type) => type === 'checkpoint' || type === 'paused')).toEqual(['checkpoint', 'paused']);
    Atomics.store(worker.control, 0, Control.run);
    expect(await worker.next('ended')).toMatchObject({ outcome: 'succeeded' });
    expect(worker.all('resumed')).toHaveLength(1);
  });

  // Mutation caught: waiting without end for a thread of the device that has ended.
  it('fails with a checkpoint to go on from when a thread of the device dies', async () => {
    const threads: Worker[] = [];
    const listen = (thread: Worker) => void threads.push(thread);
    process.on('worker', listen); // Node tells of each thread that is made
    const endless = spec({ epochs: 100_000, validateEvery: 100_000 });
    const worker = start();
    worker.post(job({ spec: endless, threads: 2 }));
    await worker.next('progress', ({ progress }) => progress.step > 0);
    process.off('worker', listen);
    Atomics.store(worker.control, 0, Control.pause);
    await worker.next('paused');
    Atomics.store(worker.control, 0, Control.run);
    await worker.next('resumed');
    await threads[0]!.terminate();
    const { error } = await worker.next('failed');
    expect(error).toMatchObject({ code: 'device-failed', message: expect.stringMatching(/A thread of the CPU device failed.*resume the run/) as string });

    const { file, step } = worker.all('checkpoint').at(-1)!;
    const next = start();
    next.post(job({ spec: endless, checkpoint: { ...file, step } }));
    await next.next('progress', ({ progress }) => progress.step > step);
    Atomics.store(next.control, 0, Control.stop);
    expect(await next.next('ended')).toMatchObject({ outcome: 'stopped' });
  });

  it('refuses to go on with other data', async () => {
    const worker = start();
    worker.post(job({ datasetHash: 'f'.repeat(64) }));
    await expect(worker.next('ended')).rejects.toThrow(/is not the data this run began with/);
    expect(worker.all('failed')[0]!.error.code).toBe('dataset-changed');
  });

  it('prepares a dataset, and says why it cannot', async () => {
    const worker = start();
    worker.post({ type: 'prepare', dataset: 'toy-homoscedastic' });
    expect(await worker.next('ended')).toEqual({ type: 'ended', outcome: 'succeeded' });
    worker.post({ type: 'prepare', dataset: 'nothing' });
    await expect(worker.next('ended', ({ outcome }) => outcome === 'stopped')).rejects.toThrow(/no dataset 'nothing'/);
  });

  it('stops an experiment that is told to', async () => {
    const trainer = start();
    trainer.post(job());
    await trainer.next('ended');
    const { file, step } = trainer.all('checkpoint').at(-1)!;
    const worker = start();
    const run = { run: RunId.parse('run-test'), name: 'test', spec: spec(), checkpoint: { ...file, step }, draws: [], datasetHash: null };
    worker.post({ type: 'experiment', kind: 'evaluate', settings: { draws: 10_000 }, threads: 1, imported: [], runs: [run], parts: parts() });
    await worker.next('report', ({ fraction }) => fraction > 0);
    Atomics.store(worker.control, 0, Control.stop);
    expect(await worker.next('ended')).toEqual({ type: 'ended', outcome: 'stopped' });
  });

  it('answers with a catalogue whose schemas carry ranges, defaults and units', async () => {
    const catalogue = (await start().ask({ type: 'catalogue', imported: [] })) as Catalogue;
    const bbp = catalogue.methods.find(({ id }) => id === 'bbp')!;
    expect(bbp.settings).toMatchObject({ properties: { draws: { type: 'integer', minimum: 1, default: 3 } } });
    expect(bbp.metrics.map(({ id }) => id)).toEqual(expect.arrayContaining(['elbo', 'kl', 'nll', 'validationError', 'validationRmse']));
    expect(catalogue.training).toMatchObject({ properties: { checkpointEvery: { unit: 's', default: 20 } } });
    expect(catalogue.experiments.map(({ id }) => id)).toEqual(Object.keys(experiments));
  });

  it.each([
    [{}, []],
    [{ dataset: { id: 'nothing' } }, ['dataset']],
    [{ likelihood: { id: 'categorical' } }, ['likelihood']],
    [{ compute: { device: 'abacus' } }, ['compute.device']],
    [{ method: { id: 'bbp', settings: { draws: 0, colour: 'red' } } }, ['method.settings.draws', 'method.settings']],
    [{ architecture: { layers: [{ kind: 'dense', settings: { units: 3 } }] } }, ['architecture.layers.0']],
    [{ architecture: { layers: [{ kind: 'dense', settings: { units: 3 }, prior: { id: 'none' } }, { kind: 'output' }] } }, ['architecture.layers.0.prior']],
  ])('finds the faults of %j', async (changes, paths) => {
    const problems = (await start().ask({ type: 'check', spec: spec({}, changes), imported: [] })) as { path: string; message: string }[];
    expect(problems.map(({ path }) => path)).toEqual(paths);
  });

  it('answers a bad question with a refusal and lives on', async () => {
    const worker = start();
    worker.post({
      type: 'ask',
      id: 5,
      question: { type: 'preview', dataset: { id: 'nothing', settings: {} }, part: 'train', offset: 0, rows: 1, imported: [] },
    });
    expect((await worker.next('refusal')).error.code).toBe('not-found');
    expect(await worker.ask({ type: 'check', spec: spec(), imported: [] })).toEqual([]);
  });

  it('studies a small trained classifier of images by every experiment', async () => {
    const digits = spec({ epochs: 1, batchSize: 100 }, { dataset: { id: 'drawn-digits', settings: { size: 'small' } }, likelihood: { id: 'categorical' } });
    const worker = start();
    worker.post(job({ spec: digits }));
    const { file, step } = await worker.next('ended').then(() => worker.all('checkpoint').at(-1)!);
    const runs = [{ run: RunId.parse('run-test'), name: 'test', spec: digits, checkpoint: { ...file, step }, draws: [], datasetHash: null }];
    const studies = {
      'ood-detection': { dataset: 'noise', draws: 2, rows: 50, resamples: 20 },
      rotation: { draws: 2, rows: 20, angles: 2, imageAngles: 2 },
      adversarial: { draws: 2, rows: 20, points: 2 },
    };
    for (const [kind, settings] of Object.entries(studies)) {
      const examiner = start();
      examiner.post({ type: 'experiment', kind, settings, threads: 1, imported: [], runs, parts: parts() });
      const { result } = await examiner.next('ended');
      expect(result, kind).toMatchObject({ runs: [{ run: 'run-test', name: 'test', draws: 2 }] });
    }
  });
});
