/** @file The queue of cross-validations: one at a time, its splits shared among worker threads of one CPU thread each. */
import { reportError, WorkbenchError } from '../contract/errors';
import type { CrossValidation, CrossValidationSpec, Fit } from '../contract/cross-validation';
import type { CrossValidationId } from '../contract/ids';
import { deleteCrossValidation, getCrossValidation, insertCrossValidation, insertFit, listFits, updateCrossValidation } from '../store/cross-validations';
import { explainDatabaseError } from '../store/database';
import { listImportedDatasets } from '../store/imported-datasets';
import { describeError } from '../store/log';
import { automaticThreads, type JobContext } from './context';
import { startTask, type Task } from './task';
import { throttle } from './throttle';

export interface CrossValidationQueue {
  enqueue(spec: CrossValidationSpec, name: string): CrossValidation;
  /** @throws WorkbenchError `unsupported` if it is not running */
  pause(id: CrossValidationId): void;
  /** Continues a paused one; queues one that ended early, which goes on after the fits that are done. */
  resume(id: CrossValidationId): void;
  /** Fits that are done stay. */
  stop(id: CrossValidationId): void;
  delete(id: CrossValidationId): Promise<void>;
  /** The stored one, with the progress of a running one. */
  withProgress(stored: CrossValidation): CrossValidation;
  /** Running or paused: 1, else 0. */
  active(): number;
  close(): Promise<void>;
}

interface Current {
  readonly id: CrossValidationId;
  readonly tasks: readonly Task[];
  progress: CrossValidation['progress'];
}

const changeInterval = 100; // ms
const resumable: readonly CrossValidation['status'][] = ['stopped', 'interrupted', 'failed'];

export function openCrossValidationQueue(context: JobContext): CrossValidationQueue {
  const { db, emit, log } = context;
  const waiting: CrossValidationId[] = [];
  let current: Current | null = null;
  let performing = Promise.resolve();
  let closing = false;

  const withProgress = (stored: CrossValidation): CrossValidation => ({ ...stored, progress: current?.id === stored.id ? current.progress : null });
  const changed = (id: CrossValidationId) => emit('crossValidation.changed', withProgress(getCrossValidation(db, id)));
  const mark = (id: CrossValidationId, status: CrossValidation['status'], error: CrossValidation['error'] = null) => {
    updateCrossValidation(db, id, { status, error, endedAt: status === 'running' || status === 'paused' || status === 'queued' ? null : Date.now() });
    changed(id);
  };

  /** One worker for each CPU thread, as long as there are splits; each takes every n-th of those that are not finished. */
  function start(id: CrossValidationId, changedSoon: () => void): Current {
    const { spec } = getCrossValidation(db, id);
    const done = listFits(db, id);
    const finished = new Set(done.filter(({ type }) => type === 'refit').map(({ split }) => split));
    const open = Array.from({ length: spec.splits }, (_, i) => i + 1).filter((split) => !finished.has(split));
    const lanes = Math.min(automaticThreads(context), open.length);
    const shares = Array.from({ length: lanes }, (_, lane) => open.filter((_split, i) => i % lanes === lane));
    const fractions = shares.map(() => 0);
    const begun = { at: Date.now(), fraction: NaN };

    const tell = (lane: number, fraction: number, message: string) => {
      if (current?.id !== id) return;
      fractions[lane] = fraction;
      const total = (finished.size + shares.reduce((sum, share, i) => sum + share.length * fractions[i]!, 0)) / spec.splits;
      if (Number.isNaN(begun.fraction)) begun.fraction = total;
      const gained = total - begun.fraction;
      const eta = gained > 0 ? ((Date.now() - begun.at) / 1000) * ((1 - total) / gained) : null;
      current.progress = { fraction: total, message, eta };
      changedSoon();
    };
    const keep = (fit: Fit, task: () => Task) => {
      try {
        insertFit(db, id, fit);
        changedSoon();
      } catch (error) {
        log.error('A fit could not be stored', { crossValidation: id, error: describeError(error) });
        task().fail(explainDatabaseError(error));
      }
    };
    const tasks = shares.map((splits, lane) => {
      const job = { type: 'cross-validate' as const, spec, splits, done, imported: listImportedDatasets(db) };
      const task: Task = startTask(
        context,
        job,
        (fraction, message) => tell(lane, fraction, message),
        (fit) => keep(fit, () => task),
      );
      return task;
    });
    return { id, tasks, progress: { fraction: finished.size / spec.splits, message: 'starting', eta: null } };
  }

  async function perform(id: CrossValidationId) {
    const announce = throttle(changeInterval, () => changed(id));
    const running = start(id, announce.soon);
    current = running;
    mark(id, 'running');
    const cancelAll = () => running.tasks.forEach((task) => task.control('stop'));
    const results = await Promise.allSettled(
      running.tasks.map((task) =>
        task.result.catch((error: unknown) => {
          cancelAll();
          throw error;
        }),
      ),
    );
    await Promise.all(running.tasks.map((task) => task.exited));
    announce.cancel();
    current = null;
    const errors = results.filter((result) => result.status === 'rejected').map(({ reason }) => reportError(reason));
    const fault = errors.find(({ code }) => code !== 'cancelled');
    if (fault) mark(id, 'failed', fault);
    else mark(id, errors.length === 0 ? 'succeeded' : closing ? 'interrupted' : 'stopped');
    if (fault) context.notify('error', `${getCrossValidation(db, id).name}: ${fault.message}`, fault);
  }

  function fill() {
    if (closing || current) return;
    const id = waiting.shift();
    if (!id) return;
    performing = perform(id).catch((error: unknown) => {
      current = null;
      log.error('The end of a cross-validation could not be stored', { crossValidation: id, error: describeError(error) });
      context.notify('error', reportError(explainDatabaseError(error)).message, reportError(explainDatabaseError(error)));
    });
    void performing.then(fill);
  }

  function queue(id: CrossValidationId) {
    mark(id, 'queued');
    waiting.push(id);
    fill();
  }

  function stop(id: CrossValidationId) {
    if (current?.id === id) return current.tasks.forEach((task) => task.control('stop'));
    const at = waiting.indexOf(id);
    if (at < 0) return;
    waiting.splice(at, 1);
    mark(id, 'stopped');
  }

  return {
    enqueue(spec, name) {
      context.devices.choose(spec.run.compute.device); // or say why not
      const { id } = insertCrossValidation(db, spec, name);
      queue(id);
      return withProgress(getCrossValidation(db, id));
    },
    pause(id) {
      const { name, status } = getCrossValidation(db, id);
      if (current?.id !== id || status !== 'running')
        throw new WorkbenchError('unsupported', `'${name}' is ${status}; only a running cross-validation can be paused`);
      for (const task of current.tasks) task.control('pause');
      mark(id, 'paused');
    },
    resume(id) {
      const { name, status, spec } = getCrossValidation(db, id);
      if (current?.id === id && status === 'paused') {
        for (const task of current.tasks) task.control('run');
        return mark(id, 'running');
      }
      if (current?.id === id || !resumable.includes(status))
        throw new WorkbenchError('unsupported', `'${name}' is ${status}; only one that is paused, stopped, interrupted or failed can be resumed`);
      context.devices.choose(spec.run.compute.device);
      queue(id);
    },
    stop,
    async delete(id) {
      const isCurrent = current?.id === id;
      stop(id);
      if (isCurrent) await performing;
      deleteCrossValidation(db, id);
      emit('crossValidation.removed', id);
    },
    withProgress,
    active: () => (current ? 1 : 0),
    async close() {
      closing = true;
      current?.tasks.forEach((task) => task.control('stop'));
      await performing;
    },
  };
}
