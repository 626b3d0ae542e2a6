/** @file Handlers of `runs.export` and `runs.import`: what a run is taken out of Credence as, and how it comes back. */
import type { FileId } from '../contract/ids';
import type { Handlers } from '../contract/rpc';
import type { JobContext } from '../jobs/context';
import type { Inspector } from '../jobs/inspector';
import type { Watch } from '../jobs/clerk-protocol';
import { importRun } from '../jobs/run-archive';
import { describeRun } from '../jobs/stored-run';
import { listImportedDatasets } from '../store/imported-datasets';
import { getRun } from '../store/runs';
import { discardUpload, newUpload, uploadPath } from '../store/uploads';

interface Needs {
  readonly context: Pick<JobContext, 'db' | 'folder' | 'emit' | 'devices' | 'clerk'>;
  /** Draws weights and writes them, in a thread of its own. */
  readonly explorer: Inspector;
  threads(): number;
  readonly version: string;
}

export type RunFileHandlers = Pick<Handlers, 'runs.export' | 'runs.import' | 'runs.cancelTransfer'>;

export function runFileHandlers({ context, explorer, threads, version }: Needs): RunFileHandlers {
  const { db, folder, emit, clerk } = context;
  const underWay = new Map<FileId, AbortController>();

  /** Tells of a transfer while it lasts, and lets it be cancelled. */
  async function transfer<Result>(file: FileId, title: string, perform: (watch: Pick<Watch, 'signal' | 'report'>) => Promise<Result>): Promise<Result> {
    const stop = new AbortController();
    underWay.set(file, stop);
    try {
      return await perform({ signal: stop.signal, report: (fraction) => emit('transfer.changed', { file, title, fraction }) });
    } finally {
      underWay.delete(file);
      emit('transfer.changed', { file, title, fraction: null });
    }
  }

  return {
    async 'runs.export'({ run, format, draws, seed }) {
      const { file, path } = newUpload(folder.uploads);
      const bytes =
        format === 'credence'
          ? await transfer(file, `Exporting “${getRun(db, run).name}”`, (watch) => clerk.run({ type: 'packRun', run, path, app: version }, watch))
          : await explorer.ask({
              type: 'exportWeights',
              stored: describeRun(context, run),
              imported: listImportedDatasets(db),
              threads: threads(),
              format,
              draws,
              seed,
              path,
            });
      return { file, name: `${fileName(getRun(db, run).name)}.${format}`, bytes };
    },
    async 'runs.import'({ file, title }) {
      const path = uploadPath(folder.uploads, file);
      const run = await transfer(file, `Importing “${title}”`, (watch) => importRun(context, { path, title }, watch));
      discardUpload(folder.uploads, file);
      return run;
    },
    'runs.cancelTransfer': (file) => underWay.get(file)?.abort(),
  };
}

/** A name that every file system takes: 'BBP on MNIST: 2' → BBP on MNIST- 2. */
const fileName = (name: string): string =>
  name
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{N} ()+_.,=-]/gu, '-')
    .replace(/^[. ]+|[. ]+$/g, '')
    .slice(0, 80) || 'run';
