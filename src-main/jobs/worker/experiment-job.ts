/** @file Runs an experiment over stored runs. */
import type { z } from 'zod';
import { WorkbenchError } from '../../contract/errors';
import { loadDataset } from '../../datasets/load';
import { openDevice } from '../../engine/backends';
import { experiments } from '../../experiments';
import type { ExperimentContext, ExperimentKind, TrainedRun } from '../../experiments/experiment';
import type { ExperimentJob } from '../protocol';
import { reporter, type JobContext } from './context';
import { openRun } from './open-run';

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
  const runs: TrainedRun[] = [];
  try {
    for (const stored of job.runs) runs.push(await openRun(stored, { imported: job.imported, device, setup, signal }));
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
