/** @file The experiments of one kind on one run: those stored, the one in progress, and the result that is open. */
import type { ExperimentId, RunId } from '../../../src-main/contract/ids';
import type { Experiment } from '../../../src-main/contract/experiment';
import { call, on, onConnection } from '../../rpc/client';
import { remaining, type Observed } from './remaining';

/** One kind of experiment and the schema of its result. */
export interface Study<Result> {
  readonly id: string;
  readonly result: { parse(stored: unknown): Result };
}

export const isUnderWay = ({ status }: Experiment): boolean => status === 'queued' || status === 'running';

export class Inspection<Result> {
  #stored = $state.raw<readonly Experiment[]>([]);
  readonly #results: Partial<Record<ExperimentId, Result>> = {}; // a stored result never changes
  #observed: Observed | null = null;

  loaded = $state(false);
  /** Newest first. */
  readonly all = $derived(this.#stored.toSorted((a, b) => b.createdAt - a.createdAt));
  readonly underWay = $derived(this.all.find(isUnderWay));
  opened = $state.raw<Experiment | null>(null);
  result = $state.raw<Result | null>(null);
  /** Seconds to the end of the one under way; null while unknown. */
  eta = $state<number | null>(null);

  constructor(
    readonly run: RunId,
    readonly study: Study<Result>,
    readonly fail: (error: unknown) => void,
  ) {}

  /** Reads what is stored at each connection and follows changes; returns the way to stop. */
  listen(): () => void {
    const stops = [
      on('experiment.changed', (experiment) => this.#follow(experiment)),
      onConnection((connection) => {
        if (connection === 'open') this.refresh().catch(this.fail);
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }

  async refresh(): Promise<void> {
    const experiments = await call('experiments.list', { run: this.run });
    this.#stored = experiments.filter((experiment) => experiment.kind === this.study.id);
    this.loaded = true;
    const newest = this.all.find(({ status }) => status === 'succeeded');
    if (!this.opened && newest) await this.open(newest);
  }

  /** Shows a stored result; nothing is computed again. */
  async open(experiment: Experiment): Promise<void> {
    this.opened = experiment;
    const known = this.#results[experiment.id];
    this.result = known ?? null;
    if (known || experiment.status !== 'succeeded') return;
    const result = this.study.result.parse(await call('experiments.result', experiment.id));
    this.#results[experiment.id] = result;
    if (this.opened.id === experiment.id) this.result = result;
  }

  async start(settings: Experiment['settings']): Promise<void> {
    this.#follow(await call('experiments.start', { kind: this.study.id, runs: [this.run], settings }));
  }

  async cancel(experiment: Experiment): Promise<void> {
    await call('experiments.cancel', experiment.id);
  }

  /** Goes on from what it had computed. */
  async resume(experiment: Experiment): Promise<void> {
    this.#follow(await call('experiments.resume', experiment.id));
  }

  async remove(experiment: Experiment): Promise<void> {
    await call('experiments.delete', experiment.id);
    this.#stored = this.#stored.filter(({ id }) => id !== experiment.id);
    if (this.opened?.id === experiment.id) [this.opened, this.result] = [null, null];
  }

  #follow(experiment: Experiment): void {
    if (experiment.kind !== this.study.id || !experiment.runs.includes(this.run)) return;
    const before = this.#stored.find(({ id }) => id === experiment.id);
    this.#stored = [...this.#stored.filter((other) => other !== before), experiment];
    if (experiment.status === 'running') {
      this.#observed ??= { time: performance.now(), fraction: experiment.progress?.fraction ?? 0 };
      this.eta = remaining(this.#observed, { time: performance.now(), fraction: experiment.progress?.fraction ?? 0 });
    } else [this.#observed, this.eta] = [null, null];
    if (experiment.status === 'succeeded' && before && isUnderWay(before)) this.open(experiment).catch(this.fail);
  }
}
