/** @file Entry of the clerk's thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { invariant, reportError } from '../../contract/errors';
import { openForReading } from '../../store/database';
import { ClerkSetup, ToClerk, type Errand, type FromClerk } from '../clerk-protocol';
import { openDesk } from './desk';

invariant(parentPort, 'jobs/clerk/main runs in a worker thread only');
const port = parentPort;
const { database, artifacts } = ClerkSetup.parse(workerData);
const db = openForReading(database);
const desk = openDesk(db, artifacts);
const reportInterval = 100; // ms

interface UnderWay {
  readonly stop: AbortController;
  taken(): void;
}
const underWay = new Map<number, UnderWay>();
const post = (message: FromClerk, moved: readonly ArrayBufferLike[] = []) => port.postMessage(message, moved as ArrayBuffer[]);
/** Columns are moved to the main thread, not copied there. */
const columnsOf = (value: unknown): ArrayBufferLike[] =>
  typeof value === 'object' && value !== null ? Object.values(value).flatMap((part) => (part instanceof Float64Array ? [part.buffer] : [])) : [];

async function perform(id: number, errand: Errand): Promise<void> {
  const stop = new AbortController();
  let taken = () => {};
  underWay.set(id, { stop, taken: () => taken() });
  let told = -Infinity;
  const report = (fraction: number) => {
    if (performance.now() - told < reportInterval) return;
    told = performance.now();
    post({ type: 'report', id, fraction });
  };
  try {
    const account = await desk.run(errand, {
      signal: stop.signal,
      report,
      take: (portion) =>
        new Promise<void>((resolve) => {
          taken = resolve;
          post({ type: 'portion', id, portion }, portion.type === 'metrics' ? columnsOf(portion.chunk) : []);
        }),
    });
    post({ type: 'done', id, account }, columnsOf(account));
  } catch (error) {
    post({ type: 'failed', id, error: reportError(error) });
  } finally {
    underWay.delete(id);
  }
}

port.on('message', (raw) => {
  const message = ToClerk.parse(raw);
  if (message.type === 'begin') void perform(message.id, message.errand);
  else if (message.type === 'taken') underWay.get(message.id)?.taken();
  else if (message.type === 'cancel') {
    underWay.get(message.id)?.stop.abort();
    underWay.get(message.id)?.taken(); // it may be waiting
  } else {
    db.close();
    port.close();
  }
});
