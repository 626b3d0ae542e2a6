/** @file What is compared of some runs: their live metrics and the newest evaluation of each. */
import { Evaluation, type Experiment } from '../../../src-main/contract/experiment';
import type { RunId } from '../../../src-main/contract/ids';
import { call, on, onConnection } from '../../rpc/client';
import { RunMonitor } from '../../state/run-monitor.svelte';

const isEvaluation = ({ kind, status }: Experiment): boolean => kind === 'evaluate' && status === 'succeeded';

export class ComparedRuns {
  readonly monitors: readonly RunMonitor[];
  #evaluations = $state.raw<Readonly<Partial<Record<RunId, Evaluation>>>>({});

  constructor(readonly ids: readonly RunId[]) {
    this.monitors = ids.map((id) => new RunMonitor(id));
  }

  get loaded(): boolean {
    return this.monitors.every(({ loaded }) => loaded);
  }
  evaluation(run: RunId): Evaluation | null {
    return this.#evaluations[run] ?? null;
  }

  /** Reads all at each connection and follows; returns the way to stop. */
  listen(fail: (error: unknown) => void): () => void {
    const stops = [
      ...this.monitors.map((monitor) => monitor.listen(fail)),
      on('experiment.changed', (experiment) => {
        if (isEvaluation(experiment) && experiment.runs.some((run) => this.ids.includes(run))) this.#read(experiment).catch(fail);
      }),
      onConnection((connection) => {
        if (connection === 'open') for (const run of this.ids) this.#readNewest(run).catch(fail);
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }

  async #readNewest(run: RunId): Promise<void> {
    const stored = await call('experiments.list', { run });
    const newest = stored.filter(isEvaluation).toSorted((a, b) => b.createdAt - a.createdAt)[0];
    if (newest) await this.#read(newest);
  }

  async #read({ id, runs }: Experiment): Promise<void> {
    const evaluation = Evaluation.parse(await call('experiments.result', id));
    this.#evaluations = { ...this.#evaluations, ...Object.fromEntries(runs.map((run) => [run, evaluation])) };
  }
}
