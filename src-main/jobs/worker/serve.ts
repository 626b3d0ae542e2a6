/** @file A worker's life: one job at a time, questions at any time, until it is told to close. */
import { reportError, WorkbenchError } from '../../contract/errors';
import { prepareDataset } from '../../datasets/library';
import { rememberPrograms, type ProgramStore } from '../../engine/backends/program-store';
import { ToWorker, type CrossValidationJob, type ExperimentJob, type FromWorker, type PrepareJob, type TrainJob, type WorkerSetup } from '../protocol';
import { answerQuestion } from './answers';
import { readControl, reporter, type JobContext } from './context';
import { runCrossValidation } from './cross-validation-job';
import { runExperiment } from './experiment-job';
import { Explorer } from './explore';
import { runTraining } from './train-job';

/** The worker's end of a message channel: `parentPort`, or a port in a test. */
export interface Port {
  postMessage(message: FromWorker, transfer?: ArrayBuffer[]): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  close(): void;
}

type Job = TrainJob | ExperimentJob | CrossValidationJob | PrepareJob;
type Ended = Omit<Extract<FromWorker, { type: 'ended' }>, 'type'>;

const stopPollInterval = 100; // ms

/** Serves the port until a `close` message arrives while no job runs. */
export function serve(port: Port, setup: WorkerSetup, programs: ProgramStore = rememberPrograms()): void {
  let receiveCredits: (count: number) => void = () => undefined;
  let job: Promise<void> = Promise.resolve();
  const explorer = new Explorer(setup, programs);
  const post: JobContext['post'] = (message, transfer = []) => port.postMessage(message, transfer);

  async function start(message: Job): Promise<void> {
    const stop = new AbortController();
    const watch = setInterval(() => {
      if (readControl(setup) === 'stop') stop.abort();
    }, stopPollInterval);
    try {
      const context: JobContext = { setup, programs, post, onCredits: (receive) => (receiveCredits = receive), signal: stop.signal };
      post({ type: 'ended', ...(await perform(message, context)) });
    } catch (error) {
      if (error instanceof WorkbenchError && error.code === 'cancelled') return post({ type: 'ended', outcome: 'stopped' });
      post({ type: 'failed', error: reportError(error), ...(error instanceof Error && error.stack && { stack: error.stack }) });
    } finally {
      clearInterval(watch);
      receiveCredits = () => undefined;
    }
  }

  async function answer({ id, question }: Extract<ToWorker, { type: 'ask' }>): Promise<void> {
    try {
      post({ type: 'answer', id, answer: await answerQuestion(question, { folder: setup.datasets, explorer }) });
    } catch (error) {
      post({ type: 'refusal', id, error: reportError(error) });
    }
  }

  port.on('message', (raw) => {
    const message = ToWorker.parse(raw);
    switch (message.type) {
      case 'train':
      case 'experiment':
      case 'cross-validate':
      case 'prepare':
        job = job.then(() => start(message));
        return;
      case 'ask':
        void answer(message);
        return;
      case 'credit':
        receiveCredits(message.count);
        return;
      case 'close':
        void job.then(() => explorer.close()).then(() => port.close());
        return;
      default:
        message satisfies never;
    }
  });
  post({ type: 'ready' });
}

async function perform(job: Job, context: JobContext): Promise<Ended> {
  switch (job.type) {
    case 'train':
      return { outcome: await runTraining(job, context) };
    case 'experiment':
      return { outcome: 'succeeded', result: await runExperiment(job, context) };
    case 'cross-validate':
      return { outcome: await runCrossValidation(job, context) };
    case 'prepare': {
      const report = reporter((fraction, message) => context.post({ type: 'report', fraction, message }));
      await prepareDataset(job.dataset, { folder: context.setup.datasets, signal: context.signal, report });
      return { outcome: 'succeeded' };
    }
    default:
      return job satisfies never;
  }
}
