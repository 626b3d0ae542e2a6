/** @file One job in a worker of its own, with progress, cancellation and a result: experiments, splits of a cross-validation, dataset preparation. */
import type { Fit } from '../contract/cross-validation';
import { safeDevice } from '../contract/device';
import { restoreError, WorkbenchError } from '../contract/errors';
import type { PartialPrediction } from '../contract/experiment';
import { describeError } from '../store/log';
import type { JobContext } from './context';
import { concludeFault } from './device-fault';
import { isIsolated } from './isolation';
import type { Control, CrossValidationJob, ExperimentJob, FromWorker, PrepareJob } from './protocol';
import { startWorker, type WorkerListener } from './start-worker';

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
  context: JobContext,
  job: ExperimentJob | CrossValidationJob | PrepareJob,
  report: (fraction: number, message: string, partial?: PartialPrediction) => void,
  keep?: (fit: Fit) => void,
): Task {
  const { log } = context;
  let settle: { resolve(result: Result): void; reject(error: unknown): void };
  let over = false; // what comes after the end has no effect
  const result = new Promise<Result>((resolve, reject) => (settle = { resolve, reject }));

  const device = deviceOf(job);
  const isolated = device !== null && isIsolated(context.db, device);
  const fail = (error: unknown) => settle.reject(device === null ? error : concludeFault(context, error, { device, isolated, offer: 'It can be resumed' }));

  const listener: WorkerListener = {
    onMessage(message) {
      if (message.type === 'ready') worker.post(job);
      else if (message.type === 'report') report(message.fraction, message.message, message.partial);
      else if (message.type === 'fit') keep?.(message.fit);
      else if (message.type === 'event') log.info(message.event.message, { job: job.type });
      else if (message.type === 'ended') {
        over = true;
        if (message.outcome === 'succeeded') settle.resolve(message.result);
        else settle.reject(new WorkbenchError('cancelled', 'Cancelled'));
        worker.post({ type: 'close' });
      } else if (message.type === 'failed') {
        over = true;
        if (message.stack) log.error('A worker failed', { job: job.type, stack: message.stack });
        fail(restoreError(message.error));
        worker.post({ type: 'close' });
      } else log.error(`A worker sent '${message.type}' during a job '${job.type}'`);
    },
    onExit(error, exitCode) {
      if (error) log.error('A worker ended unexpectedly', { job: job.type, exitCode, error: describeError(error) });
      const unknown = `The worker ended unexpectedly (${error?.message ?? `exit code ${exitCode}`})`;
      if (!over) fail(error instanceof WorkbenchError ? error : new WorkbenchError('internal', unknown));
    },
  };
  const worker = startWorker(context, listener, { isolated });
  return {
    result,
    cancel: () => worker.control('stop'),
    control: worker.control,
    fail(error) {
      settle.reject(error);
      worker.control('stop');
    },
    exited: worker.exited,
  };
}

/** Where the job computes; null if it does not. */
function deviceOf(job: ExperimentJob | CrossValidationJob | PrepareJob): string | null {
  if (job.type === 'prepare') return null;
  const { device } = (job.type === 'experiment' ? job.runs[0]?.spec : job.spec.run)?.compute ?? { device: 'auto' };
  return device === 'auto' ? safeDevice : device; // as its worker does
}
