/** @file Live view of one run's metrics and events. Main sends as fast as it likes; the view changes at most 10 times per second. */
import type { RunId } from '../../src-main/contract/ids';
import type { MetricChunk, MetricScope, RunEvent } from '../../src-main/contract/run';
import { call, on, onConnection } from '../rpc/client';
import { MetricColumns } from './metric-columns';

const noRows = (): Record<MetricScope, MetricColumns> => ({ step: new MetricColumns(), epoch: new MetricColumns(), checkpoint: new MetricColumns() });
const redrawEvery = 100; // ms
const historyRows = 20_000; // of the past; rows that arrive live are all kept

export class RunMonitor {
  #columns: Record<MetricScope, MetricColumns> = noRows();
  #version = $state(0);
  #redraw: ReturnType<typeof setTimeout> | undefined;
  /** Live chunks that arrive before the history. */
  #early: { scope: MetricScope; chunk: MetricChunk }[] | null = [];
  events = $state.raw<readonly RunEvent[]>([]);
  loaded = $state(false);

  /** @param scopes whose history is read; live rows come of all */
  constructor(
    readonly run: RunId,
    readonly scopes: readonly MetricScope[] = ['step', 'epoch'],
  ) {}

  /** Rows per step; reading it in an effect or template follows its growth. */
  get steps(): MetricColumns {
    return this.#read('step');
  }
  get epochs(): MetricColumns {
    return this.#read('epoch');
  }
  get checkpoints(): MetricColumns {
    return this.#read('checkpoint');
  }

  /** Reads the history at each connection and follows; returns the way to stop. */
  listen(fail: (error: unknown) => void): () => void {
    const stops = [
      on('run.metrics', ({ run, scope, chunk }) => {
        if (run !== this.run) return;
        if (this.#early) this.#early.push({ scope, chunk });
        else this.#append(scope, chunk);
      }),
      on('run.event', ({ run, event }) => {
        if (run === this.run) this.events = [...this.events, event];
      }),
      onConnection((connection) => {
        if (connection === 'open') this.#load().catch(fail);
      }),
    ];
    return () => {
      clearTimeout(this.#redraw);
      stops.forEach((stop) => stop());
    };
  }

  async #load(): Promise<void> {
    this.#early = [];
    const history = async (scope: MetricScope) => ({ scope, chunk: await call('runs.metrics', { run: this.run, scope, maxRows: historyRows }) });
    const [histories, events] = await Promise.all([Promise.all(this.scopes.map(history)), call('runs.events', this.run)]);
    this.#columns = noRows();
    for (const { scope, chunk } of histories) this.#columns[scope].append(chunk);
    for (const { scope, chunk } of this.#early) this.#append(scope, chunk);
    this.#early = null;
    this.events = events;
    this.loaded = true;
    this.#version++;
  }

  #append(scope: MetricScope, chunk: MetricChunk): void {
    this.#columns[scope].append(chunk);
    this.#redraw ??= setTimeout(() => {
      this.#redraw = undefined;
      this.#version++;
    }, redrawEvery);
  }

  #read(scope: MetricScope): MetricColumns {
    void this.#version; // makes the reader depend on it: the columns themselves are mutable and unobserved
    return this.#columns[scope];
  }
}
