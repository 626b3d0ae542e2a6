/** @file What the user can do to a run, from a list, a monitor or the palette alike. */
import { WorkbenchError } from '../../src-main/contract/errors';
import type { RunId } from '../../src-main/contract/ids';
import type { PretrainedCard } from '../../src-main/contract/pretrained';
import type { CallInput } from '../../src-main/contract/rpc';
import type { Run } from '../../src-main/contract/run';
import type { ExportedFile } from '../../src-main/contract/run-export';
import type { RunSpec } from '../../src-main/contract/spec';
import { call, download, upload } from '../rpc/client';
import type { Notices } from './notices.svelte';
import type { Router } from './router.svelte';
import type { RunList } from './run-list.svelte';

export class RunActions {
  /** The toast that offers Undo for a run. */
  readonly #undo = new Map<RunId, number>();

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
  /** Goes on from the last checkpoint on another device. */
  resumeOn = (run: Run, device: string) =>
    this.#change(run, async () => {
      await call('runs.setDevice', { run: run.id, device });
      await call('runs.resume', run.id);
    });
  stop = (run: Run) => this.#change(run, () => call('runs.stop', run.id));
  rename = (run: Run, name: string) => this.#change(run, () => call('runs.rename', { run: run.id, name }));
  restore = (run: Run) => {
    this.#forgetUndo(run);
    return this.#change(run, () => call('runs.restore', run.id));
  };

  /** To the trash, with Undo. */
  delete = async (runs: readonly Run[]): Promise<void> => {
    await this.notices.attempt(async () => {
      for (const run of runs) {
        await call('runs.delete', run.id);
        await this.runs.reread(run.id);
      }
      const what = runs.length === 1 ? `“${runs[0]!.name}”` : `${runs.length} runs`;
      const toast = this.notices.say(`Moved ${what} to the trash`, { action: { label: 'Undo', run: () => void Promise.all(runs.map(this.restore)) } });
      for (const run of runs) this.#undo.set(run.id, toast);
    });
  };

  /** For good. */
  purge = (run: Run) => {
    this.#forgetUndo(run);
    return this.notices.attempt(async () => {
      await call('runs.purge', run.id);
      this.notices.say(`Deleted “${run.name}” for good`);
    });
  };

  duplicate = (run: Run): void => this.router.go({ place: 'train', from: run.id });
  /** Opens the launcher with a Bayesian run that starts from these weights. */
  makeBayesian = (run: Run): void => this.router.go({ place: 'train', from: run.id, weights: true });

  /** Writes a file and hands it to the browser's downloads; undefined after a failure, which is shown. */
  export = (request: CallInput<'runs.export'>): Promise<ExportedFile | undefined> =>
    this.notices.attempt(async () => {
      const exported = await call('runs.export', request);
      download(exported);
      return exported;
    });

  /** Imports the runs of .credence files, and opens the last. */
  import = (files: readonly File[]): Promise<void | undefined> =>
    this.notices.attempt(async () => {
      for (const file of files) {
        if (!/\.credence$/i.test(file.name))
          throw new WorkbenchError('invalid-file', `“${file.name}” is not a .credence file; tables and images are imported under Data.`);
        const run = await call('runs.import', { file: await upload(file), title: file.name });
        this.runs.put(run);
        this.notices.say(`Imported “${run.name}”`);
        this.router.go({ place: 'runs', run: run.id });
      }
    });

  /** Makes a run of a model that came with Credence, and goes where there is most to see: a classifier answers drawings, a regression has curves. */
  openPretrained = ({ id, metrics }: PretrainedCard): Promise<void | undefined> =>
    this.notices.attempt(async () => {
      const run = await call('pretrained.open', id);
      this.runs.put(run);
      this.router.go({ place: metrics.task === 'classification' ? 'explore' : 'runs', run: run.id });
    });

  /** What is restored or gone can no longer be undone. */
  #forgetUndo(run: Run): void {
    const toast = this.#undo.get(run.id);
    if (toast !== undefined) this.notices.dismiss(toast);
    this.#undo.delete(run.id);
  }

  #change(run: Run, action: () => Promise<unknown>): Promise<void | undefined> {
    return this.notices.attempt(async () => {
      await action();
      await this.runs.reread(run.id);
    });
  }
}
