/** @file A stored run as a .credence file. */
import { setImmediate as soon } from 'node:timers/promises';
import { writeArchive, type ArchiveEntry } from '../../artifacts/archive';
import { readArtifact } from '../../artifacts/artifact';
import { WorkbenchError } from '../../contract/errors';
import { MetricScope, type MetricChunk } from '../../contract/run';
import { listCheckpoints, listDraws } from '../../store/artifacts';
import type { ReadableDb } from '../../store/database';
import { listEvents } from '../../store/events';
import { getResult, listExperiments } from '../../store/experiments';
import { metricPages, metricSize } from '../../store/metrics';
import { getRun } from '../../store/runs';
import { metricsEntry, weightsEntry } from '../archived-run';
import type { Errand, Watch } from '../clerk-protocol';

/**
 * Returns the bytes written; on failure nothing is left.
 * @throws WorkbenchError `unsupported` while it trains, `cancelled`, and as `readArtifact` and `writeArchive` do
 */
export async function packRun(
  { db, artifacts }: { readonly db: ReadableDb; readonly artifacts: string },
  { run: id, path, app }: Pick<Extract<Errand, { type: 'packRun' }>, 'run' | 'path' | 'app'>,
  { signal, report }: Watch,
): Promise<number> {
  const { hasCheckpoint: _hasCheckpoint, keptDraws: _keptDraws, deletedAt: _deletedAt, createdAt: _createdAt, ...run } = getRun(db, id);
  if (['queued', 'running', 'paused'].includes(run.status))
    throw new WorkbenchError('unsupported', `“${run.name}” is ${run.status}; stop it, or wait for its end, then export it`);
  const files = [...listCheckpoints(db, id).slice(0, 1), ...listDraws(db, id).reverse()].map((file) => ({ ...file, name: file.file.split('/').at(-1)! }));
  const metrics = { step: metricSize(db, id, 'step'), epoch: metricSize(db, id, 'epoch'), checkpoint: metricSize(db, id, 'checkpoint') };
  const results = listExperiments(db, id)
    .filter(({ runs, status }) => runs.length === 1 && status === 'succeeded')
    .reverse()
    .map((experiment) => ({ kind: experiment.kind, settings: experiment.settings, endedAt: experiment.endedAt, result: getResult(db, experiment.id) }));
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0) + Object.values(metrics).reduce((sum, size) => sum + bytesOf(size), 0);
  let done = 0;
  const advance = (bytes: number) => {
    if (signal?.aborted) throw new WorkbenchError('cancelled', 'The export was cancelled');
    done += bytes;
    report?.(Math.min(1, done / Math.max(1, total)));
  };

  async function* rows(scope: MetricScope): AsyncGenerator<Uint8Array> {
    for (const page of metricPages(db, id, scope)) {
      const bytes = packMetrics(page);
      yield bytes;
      advance(bytes.byteLength);
      await soon(); // or no message could be heard
    }
  }
  async function* entries(): AsyncGenerator<ArchiveEntry> {
    const described = files.map(({ name, kind, step, createdAt }) => ({ name, kind, step, createdAt }));
    yield json('run.json', { ...run, metrics, files: described });
    yield json('events.json', listEvents(db, id));
    yield json('experiments.json', results);
    for (const scope of MetricScope.options) yield { name: metricsEntry(scope), bytes: rows(scope) };
    for (const file of files) {
      yield { name: weightsEntry(file.name), bytes: await readArtifact(artifacts, file) };
      advance(file.bytes);
    }
  }
  return writeArchive(path, app, entries());
}

const bytesOf = ({ names, rows }: { readonly names: readonly string[]; readonly rows: number }) => 8 * (1 + names.length) * rows;

const json = (name: string, value: unknown): ArchiveEntry => ({ name, bytes: new TextEncoder().encode(JSON.stringify(value, null, 1)) });

/** Rows of the step and its values. */
function packMetrics({ names, steps, values }: MetricChunk): Uint8Array {
  const width = 1 + names.length;
  const rows = new Float64Array(steps.length * width);
  steps.forEach((step, i) => {
    rows[i * width] = step;
    rows.set(values.subarray(i * names.length, (i + 1) * names.length), i * width + 1);
  });
  return new Uint8Array(rows.buffer);
}
