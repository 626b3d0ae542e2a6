/** @file Entry of every worker thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../../contract/errors';
import { WorkerSetup } from '../protocol';
import { serve } from './serve';

invariant(parentPort, 'jobs/worker/main runs in a worker thread only');
serve(parentPort, WorkerSetup.parse(workerData));
