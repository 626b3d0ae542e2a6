/** @file One worker thread, seen from the main thread: typed messages in and out, and a control word that a busy worker reads. */
import { Worker } from 'node:worker_threads';
import { Control, FromWorker, type ToWorker } from './protocol';
import type { JobContext } from './context';

export interface WorkerThread {
  post(message: ToWorker): void;
  /** Asks the worker to run, pause or stop at its next step. */
  control(word: keyof typeof Control): void;
  /** Resolves when the thread has ended. */
  readonly exited: Promise<void>;
}

export interface WorkerListener {
  onMessage(message: FromWorker): void;
  /** Once, at the thread's end; with the error that ended it, if one did. */
  onExit(error: Error | null, exitCode: number): void;
}

export function startWorker({ workerPath, folder, log }: Pick<JobContext, 'workerPath' | 'folder' | 'log'>, listener: WorkerListener): WorkerThread {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(workerPath, {
    workerData: { artifacts: folder.artifacts, datasets: folder.datasets, programs: folder.programs, control: flag.buffer },
  });
  let fault: Error | null = null;

  worker.on('message', (message: unknown) => {
    const parsed = FromWorker.safeParse(message);
    if (parsed.success) listener.onMessage(parsed.data);
    else log.error('A worker sent a message that is not in the protocol', { issues: parsed.error.message });
  });
  worker.on('messageerror', (error) => (fault ??= error));
  worker.on('error', (error: Error) => (fault ??= error));
  const exited = new Promise<void>((resolve) => {
    worker.on('exit', (exitCode) => {
      listener.onExit(fault, exitCode);
      resolve();
    });
  });
  return {
    post: (message) => worker.postMessage(message),
    control(word) {
      Atomics.store(flag, 0, Control[word]);
      Atomics.notify(flag, 0); // a paused worker waits on it
    },
    exited,
  };
}
