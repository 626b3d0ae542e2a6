/** @file Credence without a face: store, queues and RPC composed over one data folder. Host, desktop shell and command line open it alike. */
import { dirname, join } from 'node:path';
import { sweepArtifacts } from './artifacts/folder';
import { physicalCores } from './app/cores';
import { prepareGpuEnvironment } from './app/gpu-environment';
import { reportError, WorkbenchError } from './contract/errors';
import type { AppInfo, Emit, Notice } from './contract/rpc';
import { automaticThreads, type JobContext } from './jobs/context';
import { openCrossValidationQueue } from './jobs/cross-validation-queue';
import { openCudaInstaller } from './jobs/cuda-installer';
import { openDeviceList } from './jobs/device-list';
import { openExperimentQueue } from './jobs/experiment-queue';
import { openInspector } from './jobs/inspector';
import { openClerk } from './jobs/open-clerk';
import { openPreparations } from './jobs/preparations';
import { pretrainedModels } from './jobs/pretrained';
import { openRunQueue } from './jobs/run-queue';
import { appHandlers } from './rpc/app';
import { architectureHandlers } from './rpc/architectures';
import { crossValidationHandlers } from './rpc/cross-validations';
import { cudaHandlers } from './rpc/cuda';
import { datasetHandlers } from './rpc/datasets';
import { deviceHandlers } from './rpc/devices';
import { experimentHandlers } from './rpc/experiments';
import { exploreHandlers } from './rpc/explore';
import { pretrainedHandlers } from './rpc/pretrained';
import { createRouter, type Router } from './rpc/router';
import { runFileHandlers } from './rpc/run-files';
import { runHandlers } from './rpc/runs';
import { listRecordedFiles } from './store/artifacts';
import { type DataFolder, openDataFolder } from './store/data-folder';
import { markInterruptedCrossValidations } from './store/cross-validations';
import { openDatabase } from './store/database';
import { insertEvent } from './store/events';
import { markInterruptedExperiments } from './store/experiments';
import { describeError, type Log, openLog } from './store/log';
import { claimFolder, type OwnerLock } from './store/owner';
import { listArriving, listRuns, markInterruptedRuns } from './store/runs';
import { getSettings } from './store/settings';
import { discardOldUploads } from './store/uploads';
import { dependencies } from '../package.json';

export interface AppOptions {
  /** See `resolveDataFolder`. */
  readonly dataDir: string;
  /** The built worker's entry file. */
  readonly workerPath: string;
  readonly version: string;
  readonly mode: AppInfo['mode'];
  readonly emit: Emit;
  /** Folder of the models that come with Credence; absent: none do. */
  readonly models?: string;
  /** Opens a folder in the desktop's file manager; absent where there is none. */
  openFolder?(path: string): Promise<boolean>;
}

export interface App {
  readonly folder: DataFolder;
  readonly log: Log;
  readonly call: Router['call'];
  /** Runs and cross-validations that are training or paused: what a quit would stop. */
  activeRuns(): number;
  /** Tells later starters on this data folder how to reach this one. */
  readonly publish: OwnerLock['publish'];
  /** Keeps an uncaught error as a local report and shows it. */
  reportCrash(error: unknown, origin: string): void;
  /** Stops all with a checkpoint, closes the store and gives up the folder. */
  close(): Promise<void>;
}

const day = 24 * 3600 * 1000; // ms
const keptNotices = 100;
/** A worker that does not stop by then is left behind; its run is found interrupted at the next start. ms */
const patience = 20_000;

/** @throws WorkbenchError `already-running`, `newer-database`, `invalid-file`, `unsupported`, `disk-full` */
export async function openApp({ dataDir, workerPath, version, mode, emit, models, openFolder }: AppOptions): Promise<App> {
  prepareGpuEnvironment();
  const folder = openDataFolder(dataDir);
  const lock = claimFolder(folder.lock);
  try {
    const log = openLog(folder.logs);
    const db = openDatabase(folder.database);
    const notices: Notice[] = [];
    const notify: JobContext['notify'] = (level, message, error) => {
      const notice = { time: Date.now(), level, message, error: error ?? null };
      notices.push(notice);
      if (notices.length > keptNotices) notices.shift();
      emit('app.notice', notice);
    };

    const interrupted = markInterruptedRuns(db);
    for (const run of interrupted)
      insertEvent(db, run, { time: Date.now(), level: 'warning', message: 'Interrupted: Credence ended while the run was training', step: null });
    markInterruptedExperiments(db);
    markInterruptedCrossValidations(db);
    discardOldUploads(folder.uploads);
    const swept = await sweepArtifacts(folder.artifacts, listRecordedFiles(db));
    log.info('Credence started', { version, mode, node: process.version, interrupted, swept });

    const beside = (name: string) => join(dirname(workerPath), name);
    const place = { folder, workerPath, processPath: beside('process.js'), cores: physicalCores(), emit, log };
    const inspector = openInspector(place);
    const engine = `Credence ${version}, onnxruntime-node ${dependencies['onnxruntime-node']}`;
    const devices = openDeviceList({ ...place, entry: beside('test-device.js'), engine, kinds: () => inspector.ask({ type: 'devices' }) });
    const cuda = openCudaInstaller({ emit, log, devices });
    const clerk = openClerk(place, beside('clerk.js'));
    const context: JobContext = { ...place, db, devices, clerk, notify };
    const explorer = openInspector(context, { eager: false, guard: context });
    const runs = openRunQueue(context);
    const experiments = openExperimentQueue(context);
    const crossValidations = openCrossValidationQueue(context);
    const preparations = openPreparations(context, inspector);
    const handlers = {
      ...appHandlers({ db, folder, log, emit, runs, inspector, version, mode, notices, openFolder: openFolder ?? (() => Promise.resolve(false)) }),
      ...architectureHandlers({ db }),
      ...deviceHandlers({ devices }),
      ...cudaHandlers({ cuda }),
      ...runHandlers({ db, runs, inspector, devices, clerk }),
      ...runFileHandlers({ context, explorer, threads: () => automaticThreads(context), version }),
      ...pretrainedHandlers({ models: pretrainedModels(context, models) }),
      ...datasetHandlers({ db, folder, inspector, preparations, emit }),
      ...experimentHandlers({ db, experiments }),
      ...exploreHandlers({ context, explorer, threads: () => automaticThreads(context) }),
      ...crossValidationHandlers({ db, queue: crossValidations, inspector }),
    };
    const { call } = createRouter(handlers, log);

    const expired = listRuns(db, { trash: true }).filter(({ deletedAt }) => deletedAt! < Date.now() - getSettings(db).trashDays * day);
    for (const id of [...listArriving(db), ...expired.map((run) => run.id)]) await runs.purge(id);
    runs.fill();

    return {
      folder,
      log,
      call,
      activeRuns: () => runs.active() + crossValidations.active(),
      publish: lock.publish,
      reportCrash(error, origin) {
        log.recordCrash(error, origin);
        notify('error', `Something unexpected happened: ${reportError(error).message}. A report was kept in the log folder.`, reportError(error));
      },
      async close() {
        cuda.cancel();
        devices.close();
        const stopped = Promise.all([
          runs.close(),
          experiments.close(),
          crossValidations.close(),
          preparations.close(),
          inspector.close(),
          explorer.close(),
          clerk.close(),
        ]);
        const late = new Promise<'late'>((resolve) => setTimeout(resolve, patience, 'late').unref());
        if ((await Promise.race([stopped, late])) === 'late') log.error('A worker did not stop in time', { patience });
        db.close();
        log.info('Credence closed');
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    if (!(error instanceof WorkbenchError)) openLog(folder.logs).error('Credence could not start', { error: describeError(error) });
    throw error;
  }
}
