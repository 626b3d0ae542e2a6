/** @file All runs, kept current by events. */
import type { RunId } from '../../src-main/contract/ids';
import type { Run, RunStatus } from '../../src-main/contract/run';
import { call, on, onConnection } from '../rpc/client';

const active: readonly RunStatus[] = ['queued', 'running', 'paused'];
export const isActive = (run: Run): boolean => active.includes(run.status);
export const isResumable = (run: Run): boolean => run.status === 'paused' || (['interrupted', 'stopped', 'failed'].includes(run.status) && run.hasCheckpoint);

export class RunList {
  #runs = $state.raw<readonly Run[]>([]);
  loaded = $state(false);
  readonly #sorted = $derived(this.#runs.toSorted((a, b) => b.createdAt - a.createdAt));
  /** Newest first, without the trash. */
  readonly all = $derived(this.#sorted.filter((run) => run.deletedAt === null));
  readonly trash = $derived(this.#sorted.filter((run) => run.deletedAt !== null));
  /** Training, paused or waiting; oldest first, as the queue takes them. */
  readonly active = $derived(this.all.filter(isActive).reverse());

  /** Reads the list at each connection and follows its changes; returns the way to stop. */
  listen(fail: (error: unknown) => void): () => void {
    const stops = [
      on('run.changed', (run) => this.put(run)),
      on('run.removed', (id) => {
        this.#runs = this.#runs.filter((run) => run.id !== id);
      }),
      onConnection((connection) => {
        if (connection === 'open') this.refresh().catch(fail);
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }

  get(id: RunId): Run | undefined {
    return this.#runs.find((run) => run.id === id);
  }

  async refresh(): Promise<void> {
    const [runs, trash] = await Promise.all([call('runs.list', { trash: false }), call('runs.list', { trash: true })]);
    this.#runs = [...runs, ...trash];
    this.loaded = true;
  }

  /** Reads one run anew, after a call that changes it but returns nothing. */
  async reread(id: RunId): Promise<void> {
    this.put(await call('runs.get', id));
  }

  /** Takes in a run, known or new. */
  put(run: Run): void {
    this.#runs = [...this.#runs.filter(({ id }) => id !== run.id), run];
  }
}
