/** @file Runs an experiment over stored runs. */
import type { z } from 'zod';
import { WorkbenchError } from '../../contract/errors';
import { loadDataset } from '../../datasets/load';
import { openDevice } from '../../engine/backends';
import type { Device } from '../../engine/backends/device';
import { chainDraws } from '../../engine/training/chain-draws';
import { StateDraws } from '../../engine/training/draw-source';
import { KeptDraws } from '../../engine/training/kept-draws';
import { DevicePosterior } from '../../engine/training/predictive';
import { priorPrecisionOf } from '../../engine/training/refit';
import { weightPosterior } from '../../engine/training/weight-posterior';
import { experiments } from '../../experiments';
import type { ExperimentContext, ExperimentKind, TrainedRun } from '../../experiments/experiment';
import type { ExperimentJob } from '../protocol';
import { readCheckpoint } from './checkpoint';
import { storedDraw } from './draws';
import { reporter, type JobContext } from './context';
import { openModel } from './stored-model';

const registry: { readonly [id: string]: ExperimentKind | undefined } = experiments;

/** The experiment of this id with settings that its own schema has checked. @throws WorkbenchError `not-found`; ZodError */
function choose({ kind: id, settings }: Pick<ExperimentJob, 'kind' | 'settings'>) {
  const kind = registry[id];
  if (!kind) throw new WorkbenchError('not-found', `There is no experiment '${id}'; choose one of ${Object.keys(experiments).join(', ')}`);
  return { kind, settings: kind.settings.parse(settings) };
}

/** @returns the result, checked by the experiment's own schema. @throws WorkbenchError `dataset-changed`, `checksum-mismatch`, `cancelled` … */
export async function runExperiment(job: ExperimentJob, { setup, programs, post, signal }: JobContext): Promise<z.core.util.JSONType> {
  const { kind, settings } = choose(job);
  const report = reporter((fraction, message, partial) => post({ type: 'report', fraction, message, ...(partial && { partial }) }));
  report(0, 'opening the runs');
  const device = await openDevice(job.runs[0]?.spec.compute.device ?? 'auto', { threads: job.threads, programs });
  const runs: (TrainedRun & { readonly posterior: DevicePosterior })[] = [];
  try {
    for (const stored of job.runs) runs.push(await openRun(stored, job, device, { setup, signal }));
    const loadOther: ExperimentContext['loadDataset'] = (id, scaling) =>
      loadDataset(
        { id, settings: {} },
        { folder: setup.datasets, imported: job.imported, parts: ['test'], validationFraction: 0, seed: 0, scaling, signal, report },
      );
    return kind.result.parse(await kind.run({ runs, signal, report, loadDataset: loadOther }, settings)) as z.core.util.JSONType; // results are JSON by their schemas
  } finally {
    for (const { posterior } of runs) await posterior.close();
    await device.close();
  }
}

async function openRun(
  { run: id, name, spec, checkpoint, draws, datasetHash, priorPrecision: chosen }: ExperimentJob['runs'][number],
  { imported }: ExperimentJob,
  device: Device,
  { setup, signal }: Pick<JobContext, 'setup' | 'signal'>,
) {
  const { dataset, model } = await openModel({
    spec,
    imported,
    datasetHash,
    parts: ['train', 'validation', 'test'],
    folder: setup.datasets,
    signal,
    report: () => undefined,
  });
  // A run that keeps draws but has none yet is predicted from its state.
  if (draws.length === 0) {
    const { state: stored } = await readCheckpoint(setup.artifacts, checkpoint);
    const state = device.upload(stored);
    const priorPrecision = priorPrecisionOf(model, state, stored, chosen);
    const source = new StateDraws(model, device, state);
    const posterior = new DevicePosterior(model, device, source);
    return { id, name, dataset, posterior, weights: weightPosterior(model, device, source, stored), ...(priorPrecision && { priorPrecision }) };
  }
  const kept = new KeptDraws(draws.map((draw) => storedDraw(setup.artifacts, draw)));
  const chains = chainDraws(model, device, kept.draws, Number(spec.method.settings['temperature'] ?? 1));
  return { id, name, dataset, posterior: new DevicePosterior(model, device, kept), weights: weightPosterior(model, device, kept, null), chains };
}
