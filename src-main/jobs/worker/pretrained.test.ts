import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readArtifact, sha256Of } from '../../artifacts/artifact';
import { decodeSafetensors } from '../../artifacts/safetensors';
import { PretrainedCard } from '../../contract/pretrained';
import { openDevice } from '../../engine/backends';
import { inferenceMethods } from '../../engine/inference';
import { exploreImage } from '../../experiments/explore-image';
import { evaluate } from '../../experiments/evaluate';
import { listExperiments } from '../../store/experiments';
import { getRun, listRuns, updateRun } from '../../store/runs';
import { standInFor } from '../../datasets/open';
import { pretrainedModels, type PretrainedModels } from '../pretrained';
import type { WorkerSetup } from '../protocol';
import { describeRun } from '../stored-run';
import { openTestContext } from '../testing';
import { openRun } from './open-run';

const data = process.env['CREDENCE_DATA'];
const shipped = join(import.meta.dirname, '../../../resources/pretrained');
const names = readdirSync(shipped).filter((name) => name.endsWith('.json'));
const cards = names.map((name) => PretrainedCard.parse(JSON.parse(readFileSync(join(shipped, name), 'utf8'))));
const card = (id: string) => cards.find((candidate) => candidate.id === id)!;

let context: ReturnType<typeof openTestContext>;
let models: PretrainedModels;
beforeAll(() => {
  vi.stubEnv('CREDENCE_DATA', '');
  context = openTestContext();
  models = pretrainedModels(context, shipped);
});
afterAll(() => context.discard());

describe('the models that come with Credence', () => {
  it.each(Object.keys(inferenceMethods))('have one of %s', (method) => {
    const made = cards.some(({ spec }) => spec.method.id === method);
    expect(made, `No model of ${method} comes with Credence: add it to bench/pretrain/models.ts, then npm run pretrain`).toBe(true);
  });

  it('are what their cards say, and less than 60 MB', () => {
    const files = readdirSync(shipped);
    expect(files.toSorted()).toEqual(cards.flatMap(({ id, file }) => [file.name, `${id}.json`]).toSorted());
    expect(files.reduce((sum, name) => sum + statSync(join(shipped, name)).size, 0)).toBeLessThan(60e6);
    for (const { file } of cards) {
      const bytes = readFileSync(join(shipped, file.name));
      expect([file.name, bytes.byteLength, sha256Of(bytes)]).toEqual([file.name, file.bytes, file.sha256]);
    }
  });
});

/** As a user opens it. `own`: with its data, which it may have to download; else with what stands in for them. */
async function opened(id: string, own = false) {
  const { id: run, spec } = await models.open(id);
  const device = await openDevice('onnxruntime-cpu', { threads: 1 });
  const { signal } = new AbortController();
  const setup = { ...context.folder } as unknown as WorkerSetup;
  const standIn = own ? null : await standInFor(spec.dataset, { imported: [], folder: context.folder.datasets });
  const open = await openRun(describeRun(context, run), { imported: [], device, setup, signal, standIn });
  return {
    ...open,
    async close() {
      await open.posterior.close();
      await device.close();
    },
  };
}

async function measured(id: string) {
  const run = await opened(id, true);
  const { draws } = card(id).metrics;
  const asked = { runs: [run], signal: new AbortController().signal, loadDataset: () => Promise.reject(new Error('not asked for')), report: () => undefined };
  const found = await evaluate.run(asked, evaluate.settings.parse({ draws, images: 0 }));
  await run.close();
  return found;
}

describe('a pretrained model', () => {
  it('is opened once under the id on its card, with its results, and comes back from the trash', async () => {
    const { run } = card('toy-laplace');
    const both = await Promise.all([models.open('toy-laplace'), models.open('toy-laplace')]);
    expect(both.map(({ id }) => id)).toEqual([run, run]);
    expect(listRuns(context.db, { trash: false }).map(({ id }) => id)).toEqual([run]);
    expect(listExperiments(context.db, run)).toMatchObject([{ kind: 'evaluate', status: 'succeeded' }]);
    updateRun(context.db, run, { deletedAt: 5 });
    expect(await models.open('toy-laplace')).toMatchObject({ id: run, deletedAt: null });
    expect(getRun(context.db, run).deletedAt).toBeNull();
  });

  it('is refused in a sentence if it is unknown, damaged or without a card', async () => {
    await expect(models.open('mnist-telepathy')).rejects.toThrow(/no pretrained model mnist-telepathy; there are .*mnist-bbp/);
    const elsewhere = mkdtempSync(join(context.folder.root, 'models-'));
    const broken = pretrainedModels(context, elsewhere);
    expect(await broken.list()).toEqual([]);
    writeFileSync(join(elsewhere, 'mnist-swa.json'), JSON.stringify(card('mnist-swa')));
    writeFileSync(join(elsewhere, 'mnist-swa.credence'), 'half of it');
    await expect(broken.open('mnist-swa')).rejects.toMatchObject({ code: 'checksum-mismatch' });
    writeFileSync(join(elsewhere, 'mnist-swa.json'), '{}');
    await expect(broken.list()).rejects.toThrow(/mnist-swa.json is not the card/);
    expect(await pretrainedModels(context, join(elsewhere, 'none')).list()).toEqual([]);
  });

  // Mutations caught: weights of another run or precision, draws in another order, data scaled otherwise.
  it.each(['mnist-bbp', 'mnist-sghmc'])('%s says of the image on its card what its card says, also where MNIST is not at hand', async (id) => {
    const { probe } = card(id);
    const run = await opened(id);
    const seen = await exploreImage(run, { image: { pixels: probe!.pixels }, angle: 0, epsilon: 0, draws: probe!.draws });
    await run.close();
    expect(seen.draws).toBe(probe!.draws);
    seen.probabilities.forEach((p, c) => expect(p).toBeCloseTo(probe!.probabilities[c]!, 3));
    expect(seen.uncertainty.epistemic).toBeCloseTo(probe!.uncertainty.epistemic, 3);
  });

  it('toy-hmc fits its curve as its card says', async () => {
    const { metrics } = card('toy-hmc');
    const found = await measured('toy-hmc');
    if (found.task !== 'regression' || metrics.task !== 'regression') throw new Error('a curve is a regression');
    expect([found.rmse, found.nll].map((value) => value.toFixed(3))).toEqual([metrics.rmse, metrics.nll].map((value) => value.toFixed(3)));
  });

  it.skipIf(!data)('mnist-map makes as many errors as its card says (needs CREDENCE_DATA with mnist/)', async () => {
    vi.stubEnv('CREDENCE_DATA', data!);
    const { metrics } = card('mnist-map');
    const found = await measured('mnist-map');
    if (found.task !== 'classification' || metrics.task !== 'classification') throw new Error('digits are classes');
    expect(Math.abs(found.error - metrics.error)).toBeLessThanOrEqual(2e-4); // two of 10,000 rows
    expect(found.nll).toBeCloseTo(metrics.nll, 4);
  });

  it('holds factors and Cholesky roots in single precision, all else in half', async () => {
    const precisions = async (id: string) => {
      const { id: run } = await models.open(id);
      const bytes = await readArtifact(context.folder.artifacts, describeRun(context, run).checkpoint);
      const header = new TextDecoder().decode(bytes.subarray(8, 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))));
      expect(Object.keys(decodeSafetensors(bytes).tensors).length).toBeGreaterThan(4);
      return ['F32', 'F16'].filter((dtype) => header.includes(`"${dtype}"`));
    };
    expect(await precisions('toy-laplace')).toEqual(['F32']);
    expect(await precisions('mnist-bbp')).toEqual(['F16']);
  });
});
