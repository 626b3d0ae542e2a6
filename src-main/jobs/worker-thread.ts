/** @file One worker thread, seen from outside: messages in and out, and a control word that a busy worker reads. */
import { Worker } from 'node:worker_threads';
import { WorkbenchError } from '../contract/errors';
import { Control, sharedWords, words, type ToWorker, type WorkerPlace } from './protocol';
import { watchWorker } from './watchdog';

export interface WorkerHandle {
  post(message: ToWorker): void;
  /** Asks the worker to run, pause or stop at its next step. */
  control(word: keyof typeof Control): void;
  /** Resolves when the worker has ended, or has been given up. */
  readonly exited: Promise<void>;
}

export interface WorkerListener {
  /** Not yet checked. */
  onMessage(message: unknown): void;
  /** Once, at the worker's end; with the error that ended it, if one did. `device-failed` names a fault: contract/device-fault. */
  onExit(error: Error | null, exitCode: number): void;
}

/** A thread whose device hangs is given up: to end it in the middle of a native call would end the whole process. */
export function startThread({ workerPath, ...setup }: WorkerPlace, listener: WorkerListener): WorkerHandle {
  const shared = sharedWords();
  const worker = new Worker(workerPath, { workerData: { ...setup, control: shared.buffer } });
  let fault: Error | null = null;
  let ended = false;
  let resolveExited: () => void;
  const exited = new Promise<void>((resolve) => (resolveExited = resolve));

  const endWatch = watchWorker(shared, (patience) => {
    Atomics.store(shared, words.abandoned, 1);
    worker.postMessage({ type: 'close' } satisfies ToWorker); // for when it wakes after all
    worker.unref();
    leaveHard(worker);
    const message = `Device hung: a call into it has not ended within ${Math.round(patience / 1000)} s`;
    end(new WorkbenchError('device-failed', message, { details: { fault: 'hung' } }), 0);
  });
  const end = (error: Error | null, exitCode: number) => {
    if (ended) return;
    ended = true;
    endWatch();
    listener.onExit(error, exitCode);
    resolveExited();
  };
  worker.on('message', (message: unknown) => {
    if (!ended) listener.onMessage(message);
  });
  worker.on('messageerror', (error) => (fault ??= error));
  worker.on('error', (error: Error) => (fault ??= error));
  worker.on('exit', (exitCode) => end(fault, exitCode));
  return {
    post: (message) => worker.postMessage(message),
    control(word) {
      Atomics.store(shared, words.command, Control[word]);
    },
    exited,
  };
}

/** A process waits at its end for all of its threads, and would wait for this one for ever. */
function leaveHard(hung: Worker): void {
  const kill = () => process.kill(process.pid, 'SIGKILL');
  process.once('exit', kill);
  hung.once('exit', () => process.off('exit', kill));
}
