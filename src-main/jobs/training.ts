/** @file One run in one worker: what the worker says becomes database rows and events. */
import { deleteArtifacts } from '../artifacts/folder';
import { type ErrorReport, reportError, restoreError, WorkbenchError } from '../contract/errors';
import type { RunId } from '../contract/ids';
import type { Artifact, RunEvent, RunProgress } from '../contract/run';
import { deleteArtifact, insertArtifact, listArtifacts, listCheckpoints, listDraws } from '../store/artifacts';
import { durably, explainDatabaseError } from '../store/database';
import { listImportedDatasets } from '../store/imported-datasets';
import { describeError } from '../store/log';
import { insertMetrics } from '../store/metrics';
import { getRun, updateRun } from '../store/runs';
import { automaticThreads, type JobContext, recordEvent } from './context';
import { concludeFault } from './device-fault';
import { isIsolated } from './isolation';
import type { FromWorker, TrainJob, WrittenFile } from './protocol';
import { startWorker, type WorkerListener } from './start-worker';
import { throttle } from './throttle';

export interface Training {
  control(word: 'run' | 'pause' | 'stop'): void;
  /** Resolves when the run has its final status. */
  readonly ended: Promise<void>;
  /** Resolves when the thread is gone too. */
  readonly exited: Promise<void>;
}

const keptCheckpoints = 2;
const changeInterval = 100; // ms

/** Starts or resumes a queued run. */
export function startTraining(context: JobContext, id: RunId): Training {
  const { db, folder, emit, log } = context;
  const { latest, spec } = getRun(db, id);
  let progress: RunProgress | null = null;
  let fault: unknown = null;
  let over = false;
  let resolveEnded: () => void;
  const ended = new Promise<void>((resolve) => (resolveEnded = resolve));

  const changed = throttle(changeInterval, () => {
    if (progress) updateRun(db, id, { progress });
    progress = null;
    emit('run.changed', getRun(db, id));
  });

  const record = (event: RunEvent) => recordEvent(context, id, event);
  const note = (message: string) => record({ time: Date.now(), level: 'info', message, step: (progress ?? getRun(db, id).progress)?.step ?? null });

  function finish(status: 'succeeded' | 'stopped' | 'failed', error: ErrorReport | null) {
    if (over) return;
    over = true;
    const last = progress ?? getRun(db, id).progress;
    if (!error) note(status === 'stopped' ? 'Stopped' : 'Finished');
    progress = null;
    updateRun(db, id, { status, error, endedAt: Date.now(), progress: last && { ...last, speed: 0, eta: null } });
    if (error) {
      record({ time: Date.now(), level: 'error', message: error.message, step: last?.step ?? null });
      context.notify('error', `${getRun(db, id).name}: ${error.message}`, error);
    }
    log.info(`Run ${status}`, { run: id, ...(error && { error }) });
    changed.now();
    changed.cancel();
  }

  /** Ends the run in the database; if even that fails, the next start finds it interrupted. */
  function settle(status: 'succeeded' | 'stopped' | 'failed', error: ErrorReport | null) {
    try {
      if (fault) finish('failed', reportError(fault));
      else finish(status, error);
    } catch (unwritable) {
      over = true;
      log.error('The end of a run could not be stored', { run: id, error: describeError(unwritable) });
      context.notify(
        'error',
        `The end of run ${id} could not be stored: ${reportError(explainDatabaseError(unwritable)).message}`,
        reportError(explainDatabaseError(unwritable)),
      );
    }
    resolveEnded();
  }

  /** Records a file, and forgets those of its kind that are beyond the `kept` newest. */
  function recordFile(kind: 'checkpoint' | 'draws', file: WrittenFile, step: number, kept: number) {
    const outdated = durably(db, () => {
      insertArtifact(db, { run: id, kind, ...file, step, createdAt: Date.now() });
      return forget(listArtifacts(db, id, [kind]).slice(kept));
    });
    deleteFiles(outdated);
    changed.soon();
  }

  /** What a chain left after it had run away, beyond `sound` steps, is worth nothing: its draws, and if there are no others its checkpoints. */
  function dropUnsound(sound: unknown) {
    if (typeof sound !== 'number') return;
    const unsound = (kind: Artifact['kind']) => listArtifacts(db, id, [kind]).filter(({ step }) => step > sound);
    deleteFiles(durably(db, () => [...forget(unsound('draws')), ...(listDraws(db, id).length === 0 ? forget(unsound('checkpoint')) : [])]));
  }

  const forget = (artifacts: readonly Artifact[]): string[] => artifacts.map(({ file }) => (deleteArtifact(db, file), file));
  const deleteFiles = (files: readonly string[]) =>
    void deleteArtifacts(folder.artifacts, files).catch((error: unknown) =>
      log.warn('An old file could not be deleted', { run: id, error: describeError(error) }),
    );

  function handle(message: FromWorker) {
    switch (message.type) {
      case 'ready':
        return worker.post(job);
      case 'started': {
        const { environment, datasetHash, parameters, notes } = message;
        updateRun(db, id, { environment, datasetHash, parameters });
        log.info('Run started', { run: id, environment });
        for (const text of notes) record({ time: Date.now(), level: 'info', message: text, step: null });
        return changed.now();
      }
      case 'progress':
        progress = message.progress;
        return changed.soon();
      case 'metrics': {
        const { scope, chunk } = message;
        if (scope !== 'checkpoint') noteLatest(latest, chunk);
        db.transaction(() => {
          insertMetrics(db, id, scope, chunk);
          updateRun(db, id, { latest });
        })();
        worker.post({ type: 'credit', count: 1 });
        return emit('run.metrics', { run: id, scope, chunk });
      }
      case 'event':
        return record(message.event);
      case 'checkpoint':
        return recordFile('checkpoint', message.file, message.step, keptCheckpoints);
      case 'draw':
        return recordFile('draws', message.file, message.step, spec.training.keptDraws);
      case 'paused':
        updateRun(db, id, { status: 'paused' });
        note('Paused');
        return changed.now();
      case 'resumed':
        updateRun(db, id, { status: 'running' });
        note('Resumed');
        return changed.now();
      case 'ended':
        settle(message.outcome, null);
        return worker.post({ type: 'close' });
      case 'failed':
        if (message.stack) log.error('A worker failed', { run: id, stack: message.stack });
        dropUnsound(message.error.details?.['sound']);
        settle('failed', conclude(restoreError(message.error)));
        return worker.post({ type: 'close' });
      case 'report':
      case 'fit':
      case 'answer':
      case 'refusal':
        throw new Error(`A training worker sent '${message.type}'`);
      default:
        message satisfies never;
    }
  }

  // Before the thread: if this cannot be stored, nothing runs.
  updateRun(db, id, { status: 'running', startedAt: getRun(db, id).startedAt ?? Date.now(), endedAt: null, error: null });
  let job: TrainJob;
  try {
    job = describeJob(context, id);
  } catch (error) {
    settle('failed', reportError(error));
    return { control: () => undefined, ended, exited: ended };
  }
  const isolated = isIsolated(db, job.spec.compute.device);
  const place = { device: job.spec.compute.device, isolated, offer: 'The run can be resumed from its last checkpoint' };
  const conclude = (error: unknown): ErrorReport => reportError(concludeFault(context, error, place));

  const listener: WorkerListener = {
    onMessage(message) {
      // After a fault only the end matters, but credits must flow, or the worker could not come to it.
      if (fault && message.type === 'metrics') return worker.post({ type: 'credit', count: 1 });
      if (fault && message.type !== 'ended' && message.type !== 'failed') return;
      try {
        handle(message);
      } catch (error) {
        fault = explainDatabaseError(error);
        log.error('A message of a worker could not be stored; the run is stopped', { run: id, type: message.type, error: describeError(error) });
        worker.control('stop');
      }
    },
    onExit(error, exitCode) {
      if (over) return;
      log.error('A worker ended unexpectedly', { run: id, exitCode, ...(error && { error: describeError(error) }) });
      const cause = error ? error.message : `exit code ${exitCode}`;
      const unknown = `The training process ended unexpectedly (${cause}). The run can be resumed from its last checkpoint.`;
      settle('failed', conclude(error instanceof WorkbenchError ? error : new WorkbenchError('internal', unknown)));
    },
  };
  const worker = startWorker(context, listener, { isolated });

  changed.now();
  return { control: worker.control, ended, exited: worker.exited };
}

function describeJob(context: JobContext, id: RunId): TrainJob {
  const { spec, environment, datasetHash } = getRun(context.db, id);
  const device = context.devices.choose(spec.compute.device, environment?.backend);
  const card = context.devices.cardOf(device);
  const checkpoint = listCheckpoints(context.db, id)[0];
  return {
    type: 'train',
    run: id,
    spec: { ...spec, compute: { ...spec.compute, device } },
    ...(card && { card }),
    // A resumed run keeps its number of threads: another one sums in another order.
    threads: spec.compute.threads || environment?.threads || automaticThreads(context),
    imported: listImportedDatasets(context.db),
    checkpoint: checkpoint ? referTo(checkpoint) : null,
    ...(spec.from && !checkpoint && { origin: describeOrigin(context, spec.from) }),
    datasetHash,
    environment,
  };
}

const referTo = ({ file, sha256, step }: Artifact) => ({ file, sha256, step });

/** @throws WorkbenchError `not-found` if the run or its checkpoint is gone */
function describeOrigin({ db }: JobContext, run: RunId): NonNullable<TrainJob['origin']> {
  const { name, spec } = getRun(db, run);
  const checkpoint = listCheckpoints(db, run)[0];
  if (!checkpoint) throw new WorkbenchError('not-found', `“${name}”, whose weights this run starts from, has no checkpoint any more; choose another run`);
  return { run, spec, checkpoint: referTo(checkpoint) };
}

/** Takes over the last value of each metric; NaN means 'not measured'. */
function noteLatest(latest: Record<string, number | null>, { names, values }: { names: string[]; values: Float64Array }): void {
  names.forEach((name, j) => {
    for (let i = values.length - names.length + j; i >= 0; i -= names.length) {
      if (Number.isNaN(values[i]!)) continue;
      latest[name] = Number.isFinite(values[i]!) ? values[i]! : null;
      return;
    }
  });
}
