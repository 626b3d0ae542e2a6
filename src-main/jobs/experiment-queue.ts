/** @file The queue of experiments: one at a time, beside the trainings. */
import { reportError } from '../contract/errors';
import type { Experiment } from '../contract/experiment';
import type { ExperimentId } from '../contract/ids';
import { deleteExperiment, getExperiment, insertExperiment, updateExperiment } from '../store/experiments';
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

  const withProgress = (experiment: Experiment): Experiment => ({ ...experiment, progress: current?.id === experiment.id ? current.progress : null });
  const changed = (id: ExperimentId) => emit('experiment.changed', withProgress(getExperiment(db, id)));
  const end = (id: ExperimentId, change: Parameters<typeof updateExperiment>[2]) => {
    updateExperiment(db, id, { ...change, endedAt: Date.now() });
    changed(id);
  };

  function describeJob({ kind, runs, settings }: Pick<Experiment, 'kind' | 'runs' | 'settings'>): ExperimentJob {
    return {
      type: 'experiment',
      kind,
      settings,
      threads: automaticThreads(context),
      imported: listImportedDatasets(db),
      runs: runs.map((id) => describeRun(db, id)),
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

  return {
    enqueue(request) {
      describeJob(request); // fails early
      const experiment = insertExperiment(db, request);
      waiting.push(experiment.id);
      emit('experiment.changed', experiment);
      fill();
      return withProgress(getExperiment(db, experiment.id));
    },
    cancel,
    async delete(id) {
      const isCurrent = current?.id === id;
      cancel(id);
      if (isCurrent) await performing;
      deleteExperiment(db, id);
    },
    withProgress,
    async close() {
      closing = true;
      const exited = current?.task.exited;
      current?.task.cancel();
      await Promise.all([exited, performing]);
    },
  };
}
