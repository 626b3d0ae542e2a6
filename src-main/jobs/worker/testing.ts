/** @file A worker behind a message channel, and small jobs for it. For tests. */
import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { RunId } from '../../contract/ids';
import { RunSpec } from '../../contract/spec';
import { answers, FromWorker, sharedWords, type Question, type ToWorker, type TrainJob } from '../protocol';
import { serve } from './serve';

type Message<T extends FromWorker['type']> = Extract<FromWorker, { type: T }>;

/** A worker behind a real message channel, with folders of its own; it acknowledges metrics as the queue does, unless told not to. */
export class WorkerInTest {
  readonly received: FromWorker[] = [];
  readonly control = sharedWords();
  acknowledges = true;
  readonly #port: MessagePort;
  #wake: () => void = () => undefined;

  constructor(readonly folder: string) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (raw) => {
      const message = FromWorker.parse(raw);
      this.received.push(message);
      if (message.type === 'metrics' && this.acknowledges) this.post({ type: 'credit', count: 1 });
      this.#wake();
    });
    serve(port2, {
      artifacts: join(folder, 'artifacts'),
      datasets: join(folder, 'datasets'),
      programs: join(folder, 'programs'),
      control: this.control.buffer,
    });
  }

  post(message: ToWorker): void {
    this.#port.postMessage(message);
  }

  all<T extends FromWorker['type']>(type: T): Message<T>[] {
    return this.received.filter((message): message is Message<T> => message.type === type);
  }

  /** The first message, present or future, that fits. */
  async next<T extends FromWorker['type']>(type: T, fits: (message: Message<T>) => boolean = () => true): Promise<Message<T>> {
    for (;;) {
      const found = this.all(type).find(fits);
      if (found) return found;
      const failure = this.all('failed')[0];
      if (failure) throw new Error(failure.error.message + failure.stack);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async ask(question: Question): Promise<unknown> {
    this.post({ type: 'ask', id: 1, question });
    return answers[question.type].parse((await this.next('answer')).answer);
  }

  close(): void {
    this.#port.close();
  }
}

export const spec = (training: object = {}, changes: object = {}) =>
  RunSpec.parse({
    dataset: { id: 'toy-homoscedastic' },
    architecture: { layers: [{ kind: 'flatten' }, { kind: 'dense', settings: { units: 6 } }, { kind: 'output' }] },
    likelihood: { id: 'gaussian' },
    prior: { id: 'gaussian', settings: { sd: 1 } },
    method: { id: 'bbp', settings: { draws: 1, firstEpochDraws: 1, learningRate: 0.01 } },
    training: { epochs: 4, batchSize: 50, ...training },
    ...changes,
  });
export const job = (changes: Partial<TrainJob> = {}): TrainJob => ({
  type: 'train',
  run: RunId.parse('run-test'),
  spec: spec(),
  threads: 1,
  imported: [],
  checkpoint: null,
  datasetHash: null,
  environment: null,
  ...changes,
});
