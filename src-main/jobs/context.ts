/** @file What every job is given: the one writer's database, the folders, and ways to speak. */
import type { ErrorReport } from '../contract/errors';
import type { RunId } from '../contract/ids';
import type { Emit } from '../contract/rpc';
import type { RunEvent } from '../contract/run';
import type { DataFolder } from '../store/data-folder';
import type { WritableDb } from '../store/database';
import { insertEvent } from '../store/events';
import type { Logger } from '../store/log';
import { getSettings } from '../store/settings';
import type { Clerk } from './clerk-protocol';
import type { DeviceList } from './device-list';

export interface JobContext {
  readonly db: WritableDb;
  readonly folder: DataFolder;
  /** The built worker's entry file. */
  readonly workerPath: string;
  /** The built entry of the process around an isolated worker. */
  readonly processPath: string;
  /** Physical CPU cores. */
  readonly cores: number;
  readonly devices: DeviceList;
  readonly clerk: Clerk;
  readonly emit: Emit;
  readonly log: Logger;
  /** Shows something to the user although nobody asked. */
  notify(level: 'info' | 'warning' | 'error', message: string, error?: ErrorReport): void;
}

/** CPU threads of a job that does not ask for a number: the setting, else the cores shared among the runs at once. */
export function automaticThreads({ db, cores }: Pick<JobContext, 'db' | 'cores'>): number {
  const { threads, concurrentRuns } = getSettings(db);
  return threads || Math.max(1, Math.floor(cores / concurrentRuns));
}

/** Stores what happened to a run and tells the followers. */
export function recordEvent({ db, emit }: Pick<JobContext, 'db' | 'emit'>, run: RunId, event: RunEvent): void {
  insertEvent(db, run, event);
  emit('run.event', { run, event });
}
