/** @file One pretrained model: trained, made small, measured as it then is, and written down with its card. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from '../../src-main/artifacts/artifact';
import { DatasetPreview } from '../../src-main/contract/dataset';
import { Explored } from '../../src-main/contract/explore';
import { Evaluation } from '../../src-main/contract/experiment';
import type { PretrainedCard, PretrainedMetrics, PretrainedProbe } from '../../src-main/contract/pretrained';
import { AppInfo } from '../../src-main/contract/rpc';
import { Run } from '../../src-main/contract/run';
import { ExportedFile } from '../../src-main/contract/run-export';
import { kindOf } from '../../src-main/datasets/open';
import { newUpload } from '../../src-main/store/uploads';
import type { Workbench } from '../faithful/workbench';
import { compactArchive } from './compact';
import { command } from './models';
import type { PretrainedModel } from './recipe';
import { version } from '../../package.json';

/** Draws of Evaluate, and of the one image that proves the weights. */
export const measureDraws = { evaluate: 30, probe: 10 };

const limits =
  'Small and trained briefly: a first look, not the best this method can do. The memory of its optimiser is left out, so that it cannot be trained further; another run can start from its weights where its method allows that.';

/** Writes `folder`/id.credence and id.json; resumes a training that was stopped. */
export async function makeModel(workbench: Workbench, model: PretrainedModel, folder: string): Promise<PretrainedCard> {
  const { id, title, spec, precision, use } = model;
  const trained = await workbench.train(title, spec);
  const { dataDir } = AppInfo.parse(await workbench.call('app.info', null));
  const compacted = async (run: Run, to: string) => {
    const { file } = ExportedFile.parse(await workbench.call('runs.export', { run: run.id, format: 'credence' }));
    rmSync(to, { force: true });
    await compactArchive(join(dataDir, 'uploads', file), to, version, precision);
    await workbench.call('files.discard', file);
  };

  const { file, path } = newUpload(join(dataDir, 'uploads'));
  await compacted(trained, path);
  const run = Run.parse(await workbench.call('runs.import', { file, title: `the training of ${title}` }));
  const evaluation = await workbench.experiment('evaluate', [run], { draws: measureDraws.evaluate }, Evaluation);
  const probe = evaluation.task === 'classification' ? await probeOf(workbench, run) : null;
  const target = join(folder, `${id}.credence`);
  await compacted(run, target);
  await workbench.call('runs.delete', run.id);
  await workbench.call('runs.purge', run.id);

  const bytes = readFileSync(target);
  const dataset = kindOf(run.spec.dataset.id, [])!;
  const card: PretrainedCard = {
    version: 1,
    id,
    title,
    run: run.id,
    use,
    limits,
    spec: run.spec,
    command: command(id),
    dataset: { title: dataset.title, hash: run.datasetHash!, citation: dataset.citation, licence: dataset.licence },
    file: { name: `${id}.credence`, sha256: sha256Of(bytes), bytes: bytes.byteLength, precision },
    parameters: run.parameters!,
    keptDraws: run.keptDraws ?? 0,
    metrics: metricsOf(evaluation),
    probe,
    trainedAt: trained.endedAt!,
    seconds: Math.round((trained.endedAt! - trained.startedAt!) / 1000),
    environment: run.environment!,
    licence: 'MIT',
  };
  writeFileSync(join(folder, `${id}.json`), readable(card));
  return card;
}

/** JSON with each list of numbers on one line. */
const readable = (card: PretrainedCard): string =>
  `${JSON.stringify(card, null, 2).replaceAll(/\[\s+([-\d.,e\s]+?)\s+\]/g, (_list, numbers: string) => `[${numbers.replaceAll(/\s+/g, ' ')}]`)}\n`;

export function metricsOf(evaluation: Evaluation): PretrainedMetrics {
  const { rows, draws, nll, uncertainty } = evaluation;
  const measured = { rows, draws, nll, uncertainty: uncertainty.mean };
  if (evaluation.task === 'classification')
    return { task: 'classification', ...measured, error: evaluation.error, brier: evaluation.brier, ece: evaluation.ece };
  return { task: 'regression', ...measured, rmse: evaluation.rmse, coverage: evaluation.coverage! };
}

/** A drawn digit that is the same on every card. */
export async function probeOf(workbench: Workbench, run: Run): Promise<PretrainedProbe> {
  const dataset = { id: 'drawn-digits', settings: { size: 'small' } };
  const preview = DatasetPreview.parse(await workbench.call('datasets.preview', { dataset, part: 'test', rows: 1 }));
  const pixels = [...preview.pixels!];
  const seen = Explored.parse(await workbench.call('explore.look', { run: run.id, image: { pixels }, draws: measureDraws.probe }));
  return { pixels, draws: seen.draws, probabilities: seen.probabilities, uncertainty: seen.uncertainty };
}
