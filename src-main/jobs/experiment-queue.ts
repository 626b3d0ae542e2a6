/** @file The queue of experiments: one at a time, beside the trainings. */
import { join } from 'node:path';
import { buildOf } from '../artifacts/cache-folder';
import { deleteFolder, sweepFolders } from '../artifacts/folder';
import { reportError, WorkbenchError } from '../contract/errors';
import { isResumable, type Experiment } from '../contract/experiment';
import type { ExperimentId } from '../contract/ids';
import { deleteExperiment, getExperiment, insertExperiment, listExperiments, requeueExperiment, updateExperiment } from '../store/experiments';
import { describeError } from '../store/log';
import { listImportedDatasets } from '../store/imported-datasets';
import { automaticThreads, type JobContext } from './context';
import type { ExperimentJob } from './protocol';
import { describeRun } from './stored-run';
import { startTask, type Task } from './task';
import { throttle } from './throttle';

export interface ExperimentQueue {
  /** @throws WorkbenchError `not-found` if a run does not exist or has no checkpoint yet */
  enqueue(experiment: Pick<Experiment, 'kind' | 'runs' | 'settings'>): Experiment;
  cancel(id: ExperimentId): void;
  /** Computes what is missing of one that did not succeed. @throws WorkbenchError `unsupported` for one that did, or is under way */
  resume(id: ExperimentId): Experiment;
  /** Cancels it if need be. */
  delete(id: ExperimentId): Promise<void>;
  /** The stored experiment, with the progress of a running one. */
  withProgress(experiment: Experiment): Experiment;
  close(): Promise<void>;
}

const changeInterval = 100; // ms

export function openExperimentQueue(context: JobContext): ExperimentQueue {
  const { db, emit, log } = context;
  const waiting: ExperimentId[] = [];
  let current: { readonly id: ExperimentId; readonly task: Task; progress: Experiment['progress'] } | null = null;
  let performing = Promise.resolve();
  let closing = false;
  const build = buildOf(context.workerPath);
  const partsOf = (id: string) => join(context.folder.parts, id);
  const isUnfinished = (id: string) => listExperiments(db).some((experiment) => experiment.id === id && experiment.status !== 'succeeded');
  const sweeping = sweepFolders(context.folder.parts, isUnfinished).catch((error: unknown) =>
    log.error('Parts of experiments could not be swept', { error: describeError(error) }),
  );

  const withProgress = (experiment: Experiment): Experiment => ({ ...experiment, progress: current?.id === experiment.id ? current.progress : null });
  const changed = (id: ExperimentId) => emit('experiment.changed', withProgress(getExperiment(db, id)));
  const end = (id: ExperimentId, change: Parameters<typeof updateExperiment>[2]) => {
    updateExperiment(db, id, { ...change, endedAt: Date.now() });
    changed(id);
  };

  function describeJob({ id = 'new', kind, runs, settings }: Pick<Experiment, 'kind' | 'runs' | 'settings'> & { readonly id?: string }): ExperimentJob {
    return {
      type: 'experiment',
      kind,
      settings,
      threads: automaticThreads(context),
      imported: listImportedDatasets(db),
      runs: runs.map((id) => describeRun(context, id)),
      parts: { folder: partsOf(id), build },
    };
  }

  async function perform(id: ExperimentId) {
    const announce = throttle(changeInterval, () => changed(id));
    try {
      const task = startTask(context, describeJob(getExperiment(db, id)), (fraction, message, partial = current?.progress?.partial) => {
        if (current?.id !== id) return;
        current.progress = { fraction, message, ...(partial && { partial }) };
        announce.soon();
      });
      current = { id, task, progress: { fraction: 0, message: 'starting' } };
      updateExperiment(db, id, { status: 'running' });
      announce.now();
      const result = await task.result;
      if (result === undefined) throw new Error('An experiment succeeded without a result');
      updateExperiment(db, id, { result });
      current = null;
      end(id, { status: 'succeeded' });
      await deleteFolder(partsOf(id));
    } catch (error) {
      const report = reportError(error);
      current = null;
      if (report.code === 'internal') log.error('An experiment failed', { experiment: id, error: report.message });
      end(id, report.code === 'cancelled' ? { status: closing ? 'interrupted' : 'cancelled' } : { status: 'failed', error: report });
    } finally {
      announce.cancel();
    }
  }

  function fill() {
    if (closing || current) return;
    const id = waiting.shift();
    if (!id) return;
    performing = perform(id).catch((error: unknown) => {
      log.error('The end of an experiment could not be stored', { experiment: id, error: describeError(error) });
      context.notify('error', reportError(error).message, reportError(error));
    });
    void performing.then(fill);
  }

  function cancel(id: ExperimentId) {
    if (current?.id === id) return current.task.cancel();
    const at = waiting.indexOf(id);
    if (at < 0) return;
    waiting.splice(at, 1);
    end(id, { status: 'cancelled' });
  }

  function queue(id: ExperimentId): Experiment {
    waiting.push(id);
    changed(id);
    fill();
    return withProgress(getExperiment(db, id));
  }

  return {
    enqueue(request) {
      describeJob(request); // fails early
      return queue(insertExperiment(db, request).id);
    },
    cancel,
    resume(id) {
      const experiment = getExperiment(db, id);
      if (!isResumable(experiment))
        throw new WorkbenchError('unsupported', `Experiment ${id} is ${experiment.status}; only one that was cancelled, interrupted or failed can be resumed`);
      describeJob(experiment);
      requeueExperiment(db, id);
      return queue(id);
    },
    async delete(id) {
      const isCurrent = current?.id === id;
      cancel(id);
      if (isCurrent) await performing;
      deleteExperiment(db, id);
      await deleteFolder(partsOf(id));
    },
    withProgress,
    async close() {
      closing = true;
      const exited = current?.task.exited;
      current?.task.cancel();
      await Promise.all([exited, performing, sweeping]);
    },
  };
}
