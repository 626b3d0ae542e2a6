/** @file What the user can do to a run, from a list, a monitor or the palette alike. */
import type { Run } from '../../src-main/contract/run';
import type { RunSpec } from '../../src-main/contract/spec';
import { call } from '../rpc/client';
import type { Notices } from './notices.svelte';
import type { Router } from './router.svelte';
import type { RunList } from './run-list.svelte';

export class RunActions {
  constructor(
    private readonly runs: RunList,
    private readonly notices: Notices,
    private readonly router: Router,
  ) {}

  /** Queues a run and opens its monitor. */
  create = (spec: RunSpec): Promise<void | undefined> =>
    this.notices.attempt(async () => {
      const run = await call('runs.create', spec);
      this.runs.put(run);
      this.router.go({ place: 'runs', run: run.id });
    });

  pause = (run: Run) => this.#change(run, () => call('runs.pause', run.id));
  resume = (run: Run) => this.#change(run, () => call('runs.resume', run.id));
  stop = (run: Run) => this.#change(run, () => call('runs.stop', run.id));
  rename = (run: Run, name: string) => this.#change(run, () => call('runs.rename', { run: run.id, name }));
  restore = (run: Run) => this.#change(run, () => call('runs.restore', run.id));

  /** To the trash, with Undo. */
  delete = async (runs: readonly Run[]): Promise<void> => {
    await this.notices.attempt(async () => {
      for (const run of runs) {
        await call('runs.delete', run.id);
        await this.runs.reread(run.id);
      }
      const what = runs.length === 1 ? `“${runs[0]!.name}”` : `${runs.length} runs`;
      this.notices.say(`Moved ${what} to the trash`, { action: { label: 'Undo', run: () => void Promise.all(runs.map(this.restore)) } });
    });
  };

  /** For good. */
  purge = (run: Run) => this.notices.attempt(() => call('runs.purge', run.id));

  duplicate = (run: Run): void => this.router.go({ place: 'train', from: run.id });

  #change(run: Run, action: () => Promise<unknown>): Promise<void | undefined> {
    return this.notices.attempt(async () => {
      await action();
      await this.runs.reread(run.id);
    });
  }
}
