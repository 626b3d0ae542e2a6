/** @file Entry of every worker thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { buildOf, openCacheFolder } from '../../artifacts/cache-folder';
import { invariant } from '../../contract/errors';
import { rememberPrograms } from '../../engine/backends/program-store';
import { WorkerSetup, type FromWorker } from '../protocol';
import { serve } from './serve';

invariant(parentPort, 'jobs/worker/main runs in a worker thread only');
const port = parentPort;
const setup = WorkerSetup.parse(workerData);
const warn = (message: string) => port.postMessage({ type: 'event', event: { time: Date.now(), level: 'warning', message, step: null } } satisfies FromWorker);
serve(port, setup, rememberPrograms(openCacheFolder({ folder: setup.programs, what: 'compiled step', build: buildOf(import.meta.filename), warn })));
