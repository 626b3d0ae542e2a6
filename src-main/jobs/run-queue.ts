/** @file The queue of runs: as many train at once as the settings say, the others wait in the order of asking. */
import { deleteArtifacts, isIntact } from '../artifacts/folder';
import { WorkbenchError } from '../contract/errors';
import type { RunId } from '../contract/ids';
import type { Run } from '../contract/run';
import type { RunSpec } from '../contract/spec';
import { deleteArtifact, listArtifacts, listCheckpoints, listDraws } from '../store/artifacts';
import { durably } from '../store/database';
import { deleteExperiment, listExperiments } from '../store/experiments';
import { deleteMetricsAfter, deleteSomeMetrics, latestMetrics } from '../store/metrics';
import { deleteRun, getRun, insertRun, nextQueuedRun, updateRun } from '../store/runs';
import { getSettings } from '../store/settings';
import { type JobContext, recordEvent } from './context';
import { startTraining, type Training } from './training';

export interface RunQueue {
  enqueue(spec: RunSpec, name: string): Run;
  /** @throws WorkbenchError `unsupported` if the run is not running */
  pause(run: RunId): void;
  /** Continues a paused run; queues one that ended early, from its last intact checkpoint, or from the start if it has none. */
  resume(run: RunId): Promise<void>;
  /** With checkpoint; a queued run leaves the queue. */
  stop(run: RunId): void;
  rename(run: RunId, name: string): void;
  /** As a multiple of the prior's that was trained with; null: as the run ended. */
  setPriorPrecision(run: RunId, precision: number | null): void;
  /** Where it computes when it is resumed. @throws WorkbenchError `unsupported` while it trains */
  setDevice(run: RunId, device: string): void;
  moveToTrash(run: RunId): void;
  restore(run: RunId): void;
  purge(run: RunId): Promise<void>;
  /** Starts waiting runs while there is room: also to be called when the settings change. */
  fill(): void;
  /** Runs that are training or paused. */
  active(): number;
  /** Stops all with a checkpoint and waits for them. */
  close(): Promise<void>;
}

/** Rows deleted at a time when a run goes for good: about 10 ms. */
const purgeSlice = 10_000;

export function openRunQueue(context: JobContext): RunQueue {
  const { db, folder, emit } = context;
  const live = new Map<RunId, Training>();
  let closing = false;

  const changed = (run: RunId) => emit('run.changed', getRun(db, run));
  const update = (run: RunId, change: Parameters<typeof updateRun>[2]) => {
    updateRun(db, run, change);
    changed(run);
  };

  function fill() {
    while (!closing && live.size < getSettings(db).concurrentRuns) {
      const id = nextQueuedRun(db);
      if (!id) return;
      const training = startTraining(context, id);
      live.set(id, training);
      void training.ended.then(() => {
        live.delete(id);
        fill();
      });
    }
  }

  function stop(id: RunId) {
    const training = live.get(id);
    if (training) return training.control('stop');
    if (getRun(db, id).status === 'queued') update(id, { status: 'stopped', endedAt: Date.now() });
  }

  /** The newest checkpoint that is whole; damaged ones are dropped with a warning. */
  async function intactCheckpoint(id: RunId) {
    for (const checkpoint of listCheckpoints(db, id)) {
      if (await isIntact(folder.artifacts, checkpoint)) return checkpoint;
      deleteArtifact(db, checkpoint.file);
      recordEvent(context, id, {
        time: Date.now(),
        level: 'warning',
        message: `The checkpoint of step ${checkpoint.step} is missing or damaged; an earlier one is used`,
        step: checkpoint.step,
      });
    }
    return null;
  }

  async function requeue(id: RunId) {
    const checkpoint = await intactCheckpoint(id);
    if (closing || !isResumable(getRun(db, id))) return; // asked twice
    const step = checkpoint?.step ?? null;
    // One transaction: a run is either as it was, or queued with exactly the rows and draws that its checkpoint knows.
    durably(db, () => {
      deleteMetricsAfter(db, id, step ?? -1);
      // The run writes these files again; those it does not come to are swept at the next start.
      for (const draw of listDraws(db, id)) if (draw.step > (step ?? -1)) deleteArtifact(db, draw.file);
      const { progress } = getRun(db, id);
      updateRun(db, id, {
        status: 'queued',
        error: null,
        endedAt: null,
        latest: latestMetrics(db, id),
        progress: progress && {
          ...progress,
          step: step ?? 0,
          epoch: progress.steps ? ((step ?? 0) / progress.steps) * progress.epochs : 0,
          message: 'waiting',
        },
        ...(step === null && { environment: null, datasetHash: null }),
      });
    });
    if (step === null)
      recordEvent(context, id, { time: Date.now(), level: 'warning', message: 'Starts again from the beginning: there is no checkpoint', step });
    changed(id);
    fill();
  }

  async function purge(id: RunId) {
    stop(id);
    await live.get(id)?.ended;
    while (deleteSomeMetrics(db, id, purgeSlice)) await new Promise((resolve) => setImmediate(resolve));
    const files = listArtifacts(db, id).map(({ file }) => file);
    db.transaction(() => {
      for (const experiment of listExperiments(db, id)) deleteExperiment(db, experiment.id);
      deleteRun(db, id);
    })();
    await deleteArtifacts(folder.artifacts, files);
    emit('run.removed', id);
  }

  return {
    enqueue(spec, name) {
      const run = insertRun(db, spec, name);
      emit('run.changed', run);
      fill();
      return getRun(db, run.id);
    },
    pause(id) {
      const training = live.get(id);
      if (!training) throw new WorkbenchError('unsupported', `'${getRun(db, id).name}' is ${getRun(db, id).status}; only a running run can be paused`);
      training.control('pause');
    },
    async resume(id) {
      const run = getRun(db, id);
      const training = live.get(id);
      if (training) return training.control('run');
      if (!isResumable(run))
        throw new WorkbenchError('unsupported', `'${run.name}' is ${run.status}; only a paused, stopped, interrupted or failed run can be resumed`);
      await requeue(id);
    },
    stop,
    rename: (id, name) => update(id, { name }),
    setPriorPrecision: (id, priorPrecision) => update(id, { priorPrecision }),
    setDevice(id, device) {
      const { name, status, spec } = getRun(db, id);
      if (live.has(id)) throw new WorkbenchError('unsupported', `'${name}' is ${status}; stop it, then choose the device on which it goes on`);
      update(id, { spec: { ...spec, compute: { ...spec.compute, device } } });
    },
    moveToTrash(id) {
      stop(id);
      update(id, { deletedAt: Date.now() });
    },
    restore: (id) => update(id, { deletedAt: null }),
    purge,
    fill,
    active: () => live.size,
    async close() {
      closing = true;
      for (const training of live.values()) training.control('stop');
      await Promise.all([...live.values()].map((training) => training.exited));
    },
  };
}

const isResumable = ({ status, deletedAt }: Run): boolean => deletedAt === null && ['interrupted', 'stopped', 'failed'].includes(status);
