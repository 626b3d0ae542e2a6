/** @file One job in a worker of its own, with progress, cancellation and a result: experiments, splits of a cross-validation, dataset preparation. */
import type { Fit } from '../contract/cross-validation';
import { WorkbenchError } from '../contract/errors';
import type { PartialPrediction } from '../contract/experiment';
import { describeError } from '../store/log';
import type { JobContext } from './context';
import type { Control, CrossValidationJob, ExperimentJob, FromWorker, PrepareJob } from './protocol';
import { startWorker } from './start-worker';

type Result = Extract<FromWorker, { type: 'ended' }>['result'];

export interface Task {
  /** @throws WorkbenchError `cancelled`, or what the worker reports */
  readonly result: Promise<Result>;
  cancel(): void;
  control(word: keyof typeof Control): void;
  /** Ends it with this error. */
  fail(error: unknown): void;
  readonly exited: Promise<void>;
}

export function startTask(
  context: Pick<JobContext, 'workerPath' | 'processPath' | 'folder' | 'log'>,
  job: ExperimentJob | CrossValidationJob | PrepareJob,
  report: (fraction: number, message: string, partial?: PartialPrediction) => void,
  keep?: (fit: Fit) => void,
): Task {
  const { log } = context;
  let settle: { resolve(result: Result): void; reject(error: Error): void };
  const result = new Promise<Result>((resolve, reject) => (settle = { resolve, reject }));

  const worker = startWorker(context, {
    onMessage(message) {
      if (message.type === 'ready') worker.post(job);
      else if (message.type === 'report') report(message.fraction, message.message, message.partial);
      else if (message.type === 'fit') keep?.(message.fit);
      else if (message.type === 'event') log.info(message.event.message, { job: job.type });
      else if (message.type === 'ended') {
        if (message.outcome === 'succeeded') settle.resolve(message.result);
        else settle.reject(new WorkbenchError('cancelled', 'Cancelled'));
        worker.post({ type: 'close' });
      } else if (message.type === 'failed') {
        if (message.stack) log.error('A worker failed', { job: job.type, stack: message.stack });
        settle.reject(new WorkbenchError(message.error.code, message.error.message, { details: message.error.details }));
        worker.post({ type: 'close' });
      } else log.error(`A worker sent '${message.type}' during a job '${job.type}'`);
    },
    onExit(error, exitCode) {
      if (error) log.error('A worker ended unexpectedly', { job: job.type, exitCode, error: describeError(error) });
      settle.reject(new WorkbenchError('internal', `The worker ended unexpectedly (${error?.message ?? `exit code ${exitCode}`})`)); // no effect after an end
    },
  });
  return {
    result,
    cancel: () => worker.control('stop'),
    control: worker.control,
    fail(error) {
      settle.reject(error instanceof Error ? error : new Error(String(error)));
      worker.control('stop');
    },
    exited: worker.exited,
  };
}
