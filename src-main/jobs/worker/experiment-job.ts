/** @file Runs an experiment over stored runs. */
import type { z } from 'zod';
import { describeIssues, WorkbenchError } from '../../contract/errors';
import { openCacheFolder } from '../../artifacts/cache-folder';
import { loadDataset } from '../../datasets/load';
import { experiments } from '../../experiments';
import { checkResult } from '../../experiments/check-result';
import type { ExperimentContext, ExperimentKind, TrainedRun } from '../../experiments/experiment';
import { resumableRun } from '../../experiments/resumable';
import type { ExperimentJob } from '../protocol';
import { reporter, type JobContext } from './context';
import { openRun } from './open-run';
import { openWatchedDevice } from './watched-device';

const registry: { readonly [id: string]: ExperimentKind | undefined } = experiments;

/** The experiment of this id with settings that its own schema has checked. @throws WorkbenchError `not-found`, `invalid-spec` */
function choose({ kind: id, settings }: Pick<ExperimentJob, 'kind' | 'settings'>) {
  const kind = registry[id];
  if (!kind) throw new WorkbenchError('not-found', `There is no experiment '${id}'; choose one of ${Object.keys(experiments).join(', ')}`);
  const checked = kind.settings.safeParse(settings);
  if (!checked.success) throw new WorkbenchError('invalid-spec', describeIssues(checked.error, kind.settings));
  return { kind, settings: checked.data };
}

/** Bytes of what one unfinished experiment keeps. */
const partsLimit = 2 * 2 ** 30;

/** @returns the result, checked by the experiment's own schema. @throws WorkbenchError `dataset-changed`, `checksum-mismatch`, `diverged`, `cancelled` … */
export async function runExperiment(job: ExperimentJob, { setup, programs, post, signal }: JobContext): Promise<z.core.util.JSONType> {
  const { kind, settings } = choose(job);
  const report = reporter((fraction, message, partial) => post({ type: 'report', fraction, message, ...(partial && { partial }) }));
  report(0, 'opening the runs');
  const device = await openWatchedDevice(job.runs[0]?.spec.compute.device ?? 'auto', { threads: job.threads, programs }, setup);
  const warn = (message: string) => post({ type: 'event', event: { time: Date.now(), level: 'warning', message, step: null } });
  const parts = openCacheFolder({ ...job.parts, what: 'part of an experiment', limit: partsLimit, warn });
  const runs: TrainedRun[] = [];
  try {
    for (const stored of job.runs) {
      const run = await openRun(stored, { imported: job.imported, device, setup, signal });
      runs.push(resumableRun(run, parts, JSON.stringify([{ ...stored, name: null }, device.name, device.engine])));
    }
    const loadOther: ExperimentContext['loadDataset'] = (id, scaling) =>
      loadDataset(
        { id, settings: {} },
        { folder: setup.datasets, imported: job.imported, parts: ['test'], validationFraction: 0, seed: 0, scaling, signal, report },
      );
    return checkResult(kind, await kind.run({ runs, signal, report, loadDataset: loadOther }, settings));
  } finally {
    for (const { posterior } of runs) await posterior.close();
    await device.close();
  }
}
