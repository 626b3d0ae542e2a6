/** @file The clerk, seen from the main thread: started at its first errand, and again if it dies. */
import { Worker } from 'node:worker_threads';
import { WorkbenchError } from '../contract/errors';
import type { DataFolder } from '../store/data-folder';
import { describeError, type Logger } from '../store/log';
import { accounts, FromClerk, type Account, type Clerk, type Errand, type ToClerk, type Watch } from './clerk-protocol';

interface UnderWay {
  readonly type: Errand['type'];
  readonly watch: Watch;
  resolve(account: unknown): void;
  reject(error: unknown): void;
}

/** @param entry the clerk's built entry file */
export function openClerk({ folder, log }: { readonly folder: Pick<DataFolder, 'database' | 'artifacts'>; readonly log: Logger }, entry: string): Clerk {
  const underWay = new Map<number, UnderWay>();
  let count = 0;
  let thread: Worker | null = null;
  let exited: Promise<void> = Promise.resolve();
  const post = (message: ToClerk) => thread?.postMessage(message);

  function end(id: number): UnderWay | undefined {
    const errand = underWay.get(id);
    underWay.delete(id);
    return errand;
  }

  function receive(message: FromClerk): void {
    const { id } = message;
    const errand = underWay.get(id);
    if (!errand) return; // it has failed here, and is being cancelled there
    if (message.type === 'report') errand.watch.report?.(message.fraction);
    else if (message.type === 'portion')
      void Promise.resolve(message.portion)
        .then(errand.watch.take)
        .then(
          () => post({ type: 'taken', id }),
          (error: unknown) => {
            post({ type: 'cancel', id });
            end(id)?.reject(error);
          },
        );
    else if (message.type === 'done') {
      const account = accounts[errand.type].safeParse(message.account);
      if (account.success) end(id)?.resolve(account.data);
      else end(id)?.reject(account.error);
    } else end(id)?.reject(new WorkbenchError(message.error.code, message.error.message, { details: message.error.details }));
  }

  function start(): Worker {
    const worker = new Worker(entry, { workerData: { database: folder.database, artifacts: folder.artifacts } });
    let fault: Error | null = null;
    worker.on('message', (raw) => {
      const message = FromClerk.safeParse(raw);
      if (message.success) receive(message.data);
      else log.error('The clerk sent a message that is not in the protocol', { issues: message.error.message });
    });
    worker.on('error', (error: Error) => (fault = error));
    exited = new Promise((resolve) =>
      worker.on('exit', (exitCode) => {
        thread = null;
        if (fault) log.error('The clerk ended unexpectedly', { exitCode, error: describeError(fault) });
        for (const id of [...underWay.keys()])
          end(id)?.reject(new WorkbenchError('internal', `The thread that reads long files ended (${fault?.message ?? `exit code ${exitCode}`}). Try again.`));
        resolve();
      }),
    );
    return worker;
  }

  return {
    run: <T extends Errand['type']>(errand: Extract<Errand, { type: T }>, watch: Watch = {}) =>
      new Promise<Account<T>>((resolve, reject) => {
        if (watch.signal?.aborted) return reject(new WorkbenchError('cancelled', 'Cancelled'));
        thread ??= start();
        const id = count++;
        watch.signal?.addEventListener('abort', () => post({ type: 'cancel', id }), { once: true });
        // `accounts[type]` has parsed it when `resolve` is called.
        underWay.set(id, { type: errand.type, watch, resolve: resolve as (account: unknown) => void, reject });
        post({ type: 'begin', id, errand });
      }),
    async close() {
      for (const id of underWay.keys()) post({ type: 'cancel', id });
      post({ type: 'close' });
      await exited;
    },
  };
}
