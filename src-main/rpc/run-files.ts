/** @file Handlers of `runs.export` and `runs.import`: what a run is taken out of Credence as, and how it comes back. */
import type { Handlers } from '../contract/rpc';
import type { JobContext } from '../jobs/context';
import type { Inspector } from '../jobs/inspector';
import { exportRun, importRun } from '../jobs/run-archive';
import { describeRun } from '../jobs/stored-run';
import { listImportedDatasets } from '../store/imported-datasets';
import { getRun } from '../store/runs';
import { discardUpload, newUpload, uploadPath } from '../store/uploads';

interface Needs {
  readonly context: Pick<JobContext, 'db' | 'folder' | 'emit' | 'devices'>;
  /** Draws weights and writes them, in a thread of its own. */
  readonly explorer: Inspector;
  threads(): number;
  readonly version: string;
}

export type RunFileHandlers = Pick<Handlers, 'runs.export' | 'runs.import'>;

export function runFileHandlers({ context, explorer, threads, version }: Needs): RunFileHandlers {
  const { db, folder } = context;
  return {
    async 'runs.export'({ run, format, draws, seed }) {
      const { file, path } = newUpload(folder.uploads);
      const bytes =
        format === 'credence'
          ? await exportRun(context, run, path, version)
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
      const run = await importRun(context, uploadPath(folder.uploads, file), title);
      discardUpload(folder.uploads, file);
      return run;
    },
  };
}

/** A name that every file system takes: 'BBP on MNIST: 2' → BBP on MNIST- 2. */
const fileName = (name: string): string =>
  name
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{N} ()+_.,=-]/gu, '-')
    .replace(/^[. ]+|[. ]+$/g, '')
    .slice(0, 80) || 'run';
