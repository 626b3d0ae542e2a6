/** @file The inspector: one long-lived worker that answers quick questions, so that the main thread never loads the engine. */
import type { z } from 'zod';
import { WorkbenchError } from '../contract/errors';
import { describeError } from '../store/log';
import type { JobContext } from './context';
import { answers, type FromWorker, type Question } from './protocol';
import { startWorker } from './start-worker';
import type { WorkerHandle } from './worker-thread';

type Answer<T extends Question['type']> = z.output<(typeof answers)[T]>;

export interface Inspector {
  /** @throws WorkbenchError of the worker, or `internal` if it dies over the question; the next question starts a new one. */
  ask<T extends Question['type']>(question: Extract<Question, { type: T }>): Promise<Answer<T>>;
  close(): Promise<void>;
}

interface Pending {
  readonly type: Question['type'];
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** @param eager load the engine at once, else at the first question */
export function openInspector(context: Pick<JobContext, 'workerPath' | 'processPath' | 'folder' | 'log'>, { eager = true } = {}): Inspector {
  const { log } = context;
  const pending = new Map<number, Pending>();
  let count = 0;
  let closed = false;

  function receive(message: FromWorker) {
    if (message.type === 'ready') return;
    if (message.type !== 'answer' && message.type !== 'refusal') return log.error(`The inspector sent '${message.type}'`);
    const question = pending.get(message.id);
    if (!question) return log.error('The inspector answered a question that nobody asked', { id: message.id });
    pending.delete(message.id);
    if (message.type === 'refusal') return question.reject(new WorkbenchError(message.error.code, message.error.message, { details: message.error.details }));
    const answer = answers[question.type].safeParse(message.answer);
    if (answer.success) question.resolve(answer.data);
    else question.reject(new Error(`The inspector's answer to '${question.type}' is not what it should be: ${answer.error.message}`));
  }

  function start(): WorkerHandle {
    return startWorker(context, {
      onMessage: receive,
      onExit(error, exitCode) {
        worker = null;
        if (error) log.error('The inspector ended unexpectedly', { exitCode, error: describeError(error) });
        for (const { reject } of pending.values())
          reject(new WorkbenchError('internal', `The engine could not answer: its worker ended (${error?.message ?? `exit code ${exitCode}`}). Try again.`));
        pending.clear();
      },
    });
  }

  let worker: WorkerHandle | null = eager ? start() : null;

  return {
    ask: <T extends Question['type']>(question: Extract<Question, { type: T }>) =>
      new Promise<Answer<T>>((resolve, reject) => {
        if (closed) return reject(new WorkbenchError('cancelled', 'Credence is closing'));
        worker ??= start();
        const id = count++;
        // `answers[type]` has parsed it when `resolve` is called.
        pending.set(id, { type: question.type, resolve: resolve as (answer: unknown) => void, reject });
        worker.post({ type: 'ask', id, question });
      }),
    async close() {
      closed = true;
      worker?.post({ type: 'close' });
      await worker?.exited;
    },
  };
}
