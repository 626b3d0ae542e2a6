/** @file Downloads and generations of datasets that are under way or have failed, laid over what the inspector sees on disk. */
import type { DatasetStatus } from '../contract/dataset';
import { reportError } from '../contract/errors';
import type { EntryId } from '../contract/ids';
import { listImportedDatasets } from '../store/imported-datasets';
import type { JobContext } from './context';
import type { Inspector } from './inspector';
import { startTask, type Task } from './task';
import { throttle } from './throttle';

type Overlay = Pick<DatasetStatus, 'state' | 'progress' | 'error'>;

export interface Preparations {
  list(): Promise<DatasetStatus[]>;
  /** Starts; progress and end come by `dataset.changed`. Does nothing if it is under way. */
  prepare(dataset: EntryId): void;
  cancel(dataset: EntryId): void;
  close(): Promise<void>;
}

const changeInterval = 100; // ms

export function openPreparations(context: JobContext, inspector: Inspector): Preparations {
  const { db, emit, log } = context;
  const overlays = new Map<EntryId, Overlay>();
  const tasks = new Map<EntryId, Task>();

  const overlaid = (status: DatasetStatus): DatasetStatus => {
    const overlay = overlays.get(status.id);
    // What failed may have come by another way since.
    return overlay?.state === 'preparing' || status.state !== 'ready' ? { ...status, ...overlay } : status;
  };
  const look = () => inspector.ask({ type: 'datasets', imported: listImportedDatasets(db) });

  async function perform(id: EntryId) {
    let base: DatasetStatus | undefined = undefined; // known a moment after the task has started
    const announce = throttle(changeInterval, () => base && emit('dataset.changed', overlaid(base)));
    const task = startTask(context, { type: 'prepare', dataset: id }, (fraction, message) => {
      overlays.set(id, { state: 'preparing', progress: { fraction, message }, error: null });
      announce.soon();
    });
    tasks.set(id, task);
    const ended = task.result.then(
      () => null,
      (error: unknown) => reportError(error),
    );
    base = (await look()).find((status) => status.id === id);
    announce.now();
    const error = await ended;
    announce.cancel();
    tasks.delete(id);
    overlays.delete(id);
    if (error && error.code !== 'cancelled') {
      overlays.set(id, { state: 'failed', progress: null, error });
      context.notify('error', error.message, error);
    }
    const status = (await look()).find((status) => status.id === id);
    if (status) emit('dataset.changed', overlaid(status));
  }

  return {
    list: async () => (await look()).map(overlaid),
    prepare(id) {
      if (overlays.get(id)?.state === 'preparing') return;
      overlays.set(id, { state: 'preparing', progress: { fraction: 0, message: 'starting' }, error: null });
      perform(id).catch((error: unknown) => {
        overlays.delete(id);
        if (reportError(error).code === 'cancelled') return; // Credence is closing
        log.error('A dataset could not be prepared', { dataset: id, error: reportError(error).message });
        context.notify('error', reportError(error).message, reportError(error));
      });
    },
    cancel: (id) => tasks.get(id)?.cancel(),
    async close() {
      const running = [...tasks.values()];
      for (const task of running) task.cancel();
      await Promise.all(running.map((task) => task.exited));
    },
  };
}
