/** @file A run as one .credence file, and back: document, metrics, events, results of its own experiments, last checkpoint and kept draws. The clerk reads and writes the files. */
import { deleteArtifacts } from '../artifacts/folder';
import type { RunId } from '../contract/ids';
import type { Run } from '../contract/run';
import { insertArtifact } from '../store/artifacts';
import { durably } from '../store/database';
import { insertEvent } from '../store/events';
import { insertExperiment, updateExperiment } from '../store/experiments';
import { deleteSomeMetrics, insertMetrics } from '../store/metrics';
import { arriving, deleteRun, getRun, insertRun, newRunId, updateRun } from '../store/runs';
import type { RunDocument } from './archived-run';
import type { Watch } from './clerk-protocol';
import type { JobContext } from './context';

type Needs = Pick<JobContext, 'db' | 'folder' | 'emit' | 'clerk'>;

/** Rows deleted at a time of what could not be imported whole: about 10 ms. */
const slice = 10_000;

interface Import {
  readonly path: string;
  /** What the user calls the file. */
  readonly title: string;
  /** What it is called here; a new one, unless it must be found again. */
  readonly id?: RunId;
}

/**
 * Stores the run of a .credence file: whole, or not at all.
 * @throws WorkbenchError `invalid-file`, `checksum-mismatch`, `cancelled`, `disk-full`
 */
export async function importRun(context: Needs, { path, title, id = newRunId() }: Import, watch: Pick<Watch, 'signal' | 'report'> = {}): Promise<Run> {
  const { db, clerk, emit } = context;
  let document: RunDocument | undefined;
  try {
    const { events, results, files } = await clerk.run(
      { type: 'unpackRun', run: id, path, title },
      {
        ...watch,
        take(portion) {
          if (portion.type === 'document') {
            document = portion.document;
            beginRun(context, document, id);
          } else insertMetrics(db, id, portion.scope, portion.chunk);
        },
      },
    );
    const from = document!.id;
    durably(db, () => {
      for (const event of events) insertEvent(db, id, event);
      insertEvent(db, id, { time: Date.now(), level: 'info', message: `Imported from “${title}”, where it was ${from}`, step: null });
      for (const artifact of files) insertArtifact(db, artifact);
      for (const { kind, endedAt, ...about } of results) {
        const { settings, result } = renamed(about, from, id);
        const experiment = insertExperiment(db, { kind, settings, runs: [id] });
        updateExperiment(db, experiment.id, { status: 'succeeded', endedAt, result });
      }
      updateRun(db, id, { deletedAt: null });
    });
  } catch (error) {
    if (document) await forget(context, document, id);
    throw error;
  }
  emit('run.changed', getRun(db, id));
  return getRun(db, id);
}

/** In no list before it is whole. */
function beginRun({ db }: Needs, { id: _id, metrics: _metrics, files: _files, spec, name, ...rest }: RunDocument, id: RunId): void {
  db.transaction(() => {
    insertRun(db, spec, name, id);
    updateRun(db, id, { ...rest, deletedAt: arriving });
  })();
}

async function forget({ db, folder }: Needs, { files }: RunDocument, id: RunId): Promise<void> {
  while (deleteSomeMetrics(db, id, slice)) await new Promise((resolve) => setImmediate(resolve));
  deleteRun(db, id);
  await deleteArtifacts(
    folder.artifacts,
    files.map(({ name }) => `${id}/${name}`),
  );
}

/** The run's id stands inside results, too. An id is long enough to be nothing else. */
const renamed = <T>(value: T, from: RunId, to: RunId): T => JSON.parse(JSON.stringify(value).replaceAll(from, to)) as T;
