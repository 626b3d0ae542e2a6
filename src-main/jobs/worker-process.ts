/** @file A worker in a process of its own, which can crash or be killed without harm; process/main.ts runs in it. */
import { once } from 'node:events';
import { restoreError, WorkbenchError } from '../contract/errors';
import { forkNode } from './node-process';
import { FromProcess, type ToProcess } from './process-protocol';
import type { WorkerPlace } from './protocol';
import type { WorkerHandle, WorkerListener } from './worker-thread';

/** A killed process that is still there after so long is stuck in its driver; ms. */
const patience = 5000;

/** @param processPath the built entry of the process */
export function startProcess(processPath: string, place: WorkerPlace, listener: WorkerListener): WorkerHandle {
  const { child, printed } = forkNode(processPath);
  let error: WorkbenchError | null = null;
  let told: number | null = null; // the thread's exit code
  let ended = false;
  let resolveExited: () => void;
  const exited = new Promise<void>((resolve) => (resolveExited = resolve));
  const read = once(child, 'disconnect'); // what it said last comes after its end

  // What cannot be sent any more needs no word: the exit tells.
  const send = (message: ToProcess) => child.connected && child.send(message, () => undefined);
  const end = (exitCode: number) => {
    if (ended) return;
    ended = true;
    listener.onExit(error, exitCode);
    resolveExited();
  };
  child.on('message', (raw) => {
    const message = FromProcess.parse(raw);
    if (message.type === 'message') return listener.onMessage(message.message);
    told = message.exitCode;
    error = message.error && restoreError(message.error);
    child.kill('SIGKILL'); // its thread may be stuck
    setTimeout(() => {
      if (error) error = new WorkbenchError(error.code, `${error.message}, and its process cannot be ended`, { details: { ...error.details, stuck: true } });
      end(message.exitCode);
    }, patience).unref();
  });
  child.on('error', (cause) => {
    error ??= new WorkbenchError('device-failed', `No process could be started for the run (${cause.message})`, { cause, details: { fault: 'crashed' } });
    if (child.pid === undefined) end(1);
  });
  child.on('close', (code, signal) => {
    void read.then(() => {
      if (told === null) error ??= crash(code, signal, printed());
      end(told ?? code ?? 1);
    });
  });
  send({ type: 'start', place });
  return {
    post: (message) => void send({ type: 'post', message }),
    control: (word) => void send({ type: 'control', word }),
    exited,
  };
}

function crash(code: number | null, signal: string | null, printed: string): WorkbenchError {
  const how = signal ? `was ended by ${signal}${hints[signal] ?? ''}` : `ended with exit code ${code}`;
  return new WorkbenchError('device-failed', `The process of the run ${how}`, { details: { fault: 'crashed', ...(printed && { printed }) } });
}

const hints: { readonly [signal: string]: string | undefined } = {
  SIGKILL: ': killed by hand, or by the system for want of memory',
  SIGSEGV: ': a fault in a driver or a native library',
  SIGABRT: ': a fault in a driver or a native library',
  SIGBUS: ': a fault in a driver or a native library',
};
