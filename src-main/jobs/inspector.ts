/** @file The inspector: one long-lived worker that answers quick questions, so that the main thread never loads the engine. */
import type { z } from 'zod';
import { safeDevice } from '../contract/device';
import { restoreError, WorkbenchError } from '../contract/errors';
import { describeError } from '../store/log';
import type { JobContext } from './context';
import { concludeFault } from './device-fault';
import { isIsolated } from './isolation';
import { answers, type FromWorker, type Question } from './protocol';
import { startWorker, type WorkerListener } from './start-worker';
import type { WorkerHandle } from './worker-thread';

type Answer<T extends Question['type']> = z.output<(typeof answers)[T]>;

export interface Inspector {
  /** @throws WorkbenchError of the worker, or `internal` if it dies over the question; the next question starts a new one. */
  ask<T extends Question['type']>(question: Extract<Question, { type: T }>): Promise<Answer<T>>;
  close(): Promise<void>;
}

interface Pending {
  readonly type: Question['type'];
  readonly place: Place;
  readonly worker: WorkerHandle;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

type Needs = Pick<JobContext, 'workerPath' | 'processPath' | 'folder' | 'log'>;
interface Place {
  readonly device: string;
  readonly isolated: boolean;
}
const here: Place = { device: safeDevice, isolated: false };

/**
 * @param eager load the engine at once, else at the first question
 * @param guard for questions that compute on a device, which may hang or crash
 */
export function openInspector(context: Needs, { eager = true, guard }: { eager?: boolean; guard?: Pick<JobContext, 'db' | 'devices'> } = {}): Inspector {
  const { log } = context;
  const pending = new Map<number, Pending>();
  let count = 0;
  const alive = new Set<WorkerHandle>();
  let closed = false;
  let worker: WorkerHandle | null = null;
  let isolated = false; // it

  const conclude = (error: WorkbenchError, place: Place) => (guard ? concludeFault(guard, error, { ...place, offer: 'Try again' }) : error);

  function receive(message: FromWorker) {
    if (message.type === 'ready') return;
    if (message.type !== 'answer' && message.type !== 'refusal') return log.error(`The inspector sent '${message.type}'`);
    const question = pending.get(message.id);
    if (!question) return log.error('The inspector answered a question that nobody asked', { id: message.id });
    pending.delete(message.id);
    if (message.type === 'refusal') return question.reject(conclude(restoreError(message.error), question.place));
    const answer = answers[question.type].safeParse(message.answer);
    if (answer.success) question.resolve(answer.data);
    else question.reject(new Error(`The inspector's answer to '${question.type}' is not what it should be: ${answer.error.message}`));
  }

  function start(): WorkerHandle {
    const listener: WorkerListener = {
      onMessage: receive,
      onExit(error, exitCode) {
        alive.delete(started);
        if (worker === started) worker = null;
        if (error) log.error('The inspector ended unexpectedly', { exitCode, error: describeError(error) });
        const unknown = `The engine could not answer: its worker ended (${error?.message ?? `exit code ${exitCode}`}). Try again.`;
        const cause = error instanceof WorkbenchError ? error : new WorkbenchError('internal', unknown);
        for (const [id, question] of pending) {
          if (question.worker !== started) continue;
          pending.delete(id);
          question.reject(conclude(cause, question.place));
        }
      },
    };
    const started = startWorker(context, listener, { isolated });
    alive.add(started);
    return started;
  }

  /** The worker for a question at that place: one in this process is none for a device that may crash. */
  function workerAt(place: Place): WorkerHandle {
    if (worker && isolated !== place.isolated) {
      worker.post({ type: 'close' }); // when it has answered
      worker = null;
    }
    isolated = place.isolated;
    return (worker ??= start());
  }

  const placeOf = (question: Question): Place => {
    if (!guard || !('stored' in question)) return here;
    const { device } = question.stored.spec.compute;
    return { device, isolated: isIsolated(guard.db, device) };
  };

  if (eager) worker = start();

  return {
    ask: <T extends Question['type']>(question: Extract<Question, { type: T }>) =>
      new Promise<Answer<T>>((resolve, reject) => {
        if (closed) return reject(new WorkbenchError('cancelled', 'Credence is closing'));
        const place = placeOf(question);
        const worker = workerAt(place);
        const id = count++;
        // `answers[type]` has parsed it when `resolve` is called.
        pending.set(id, { type: question.type, place, worker, resolve: resolve as (answer: unknown) => void, reject });
        worker.post({ type: 'ask', id, question });
      }),
    async close() {
      closed = true;
      worker?.post({ type: 'close' });
      await Promise.all([...alive].map(({ exited }) => exited));
    },
  };
}
