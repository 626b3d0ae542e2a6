/**
 * @file Entry of the process around an isolated worker. The worker is a thread here as elsewhere, so that this thread hears
 * the main process, and its end, whatever the worker is doing.
 */
import { invariant, reportError } from '../../contract/errors';
import { type FromProcess, ToProcess } from '../process-protocol';
import type { ToWorker } from '../protocol';
import { startThread, type WorkerHandle } from '../worker-thread';

const send = (message: FromProcess) => process.connected && process.send?.(message);
let worker: WorkerHandle | null = null;

process.on('message', (raw) => {
  const message = ToProcess.parse(raw);
  if (message.type === 'start') {
    worker = startThread(message.place, {
      onMessage: (said) => send({ type: 'message', message: said }),
      onExit: (error, exitCode) => send({ type: 'exit', error: error && reportError(error), exitCode }),
    });
    return;
  }
  invariant(worker, `'${message.type}' comes after 'start'`);
  if (message.type === 'control') worker.control(message.word);
  else worker.post(message.message as ToWorker); // checked by the worker
});
// Nothing may outlive the main process, not even a worker that hangs.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// Ctrl-C reaches every process of a terminal; the main process says what is to be done about it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
