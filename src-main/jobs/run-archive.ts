/** @file A run as one .credence file, and back: document, metrics, events, results of its own experiments, last checkpoint and kept draws. */
import { z } from 'zod';
import { readArtifact, writeArtifact } from '../artifacts/artifact';
import { openArchive, writeArchive, type Archive, type ArchiveEntry } from '../artifacts/archive';
import { deleteArtifacts } from '../artifacts/folder';
import { WorkbenchError } from '../contract/errors';
import { Experiment } from '../contract/experiment';
import type { RunId } from '../contract/ids';
import { Artifact, Run, RunEvent, type MetricChunk } from '../contract/run';
import { insertArtifact, listCheckpoints, listDraws } from '../store/artifacts';
import { durably } from '../store/database';
import { insertEvent, listEvents } from '../store/events';
import { getResult, insertExperiment, listExperiments, updateExperiment } from '../store/experiments';
import { insertMetrics, readMetrics } from '../store/metrics';
import { getRun, insertRun, newRunId, updateRun } from '../store/runs';
import type { JobContext } from './context';

const scopes = ['step', 'epoch'] as const;

const Metrics = z.object({ names: z.array(z.string()), rows: z.int().min(0) });
const RunDocument = Run.omit({ deletedAt: true, createdAt: true, hasCheckpoint: true, keptDraws: true }).extend({
  status: z.enum(['interrupted', 'stopped', 'succeeded', 'failed']),
  /** The entry metrics-<scope>.f64 holds `rows` rows of float64, little-endian: the step, then a value for each name; NaN where it was not measured. */
  metrics: z.record(z.enum(scopes), Metrics),
  files: z.array(Artifact.pick({ kind: true, step: true, createdAt: true }).extend({ name: z.string().regex(/^[\w-][\w.-]*\.safetensors$/) })),
});
const Results = z.array(Experiment.pick({ kind: true, settings: true, endedAt: true }).extend({ result: z.json() }));

/**
 * Writes the run to `path`. Returns the bytes written.
 * @throws WorkbenchError `unsupported` while it trains, and as `readArtifact` and `writeArchive` do
 */
export function exportRun({ db, folder }: Pick<JobContext, 'db' | 'folder'>, id: RunId, path: string, app: string): Promise<number> {
  const { hasCheckpoint: _hasCheckpoint, keptDraws: _keptDraws, deletedAt: _deletedAt, createdAt: _createdAt, ...run } = getRun(db, id);
  if (['queued', 'running', 'paused'].includes(run.status))
    throw new WorkbenchError('unsupported', `“${run.name}” is ${run.status}; stop it, or wait for its end, then export it`);
  const files = [...listCheckpoints(db, id).slice(0, 1), ...listDraws(db, id).reverse()].map((file) => ({ ...file, name: file.file.split('/').at(-1)! }));
  const metrics = { step: readMetrics(db, id, 'step', {}), epoch: readMetrics(db, id, 'epoch', {}) };
  const sizes = Object.fromEntries(scopes.map((scope) => [scope, { names: metrics[scope].names, rows: metrics[scope].steps.length }]));
  const described = files.map(({ name, kind, step, createdAt }) => ({ name, kind, step, createdAt }));
  const results = listExperiments(db, id)
    .filter(({ runs, status }) => runs.length === 1 && status === 'succeeded')
    .reverse()
    .map((experiment) => ({ kind: experiment.kind, settings: experiment.settings, endedAt: experiment.endedAt, result: getResult(db, experiment.id) }));
  const events = listEvents(db, id);

  async function* entries(): AsyncGenerator<ArchiveEntry> {
    yield json('run.json', { ...run, metrics: sizes, files: described });
    yield json('events.json', events);
    yield json('experiments.json', results);
    for (const scope of scopes) yield { name: `metrics-${scope}.f64`, bytes: packMetrics(metrics[scope]) };
    for (const file of files) yield { name: `weights/${file.name}`, bytes: await readArtifact(folder.artifacts, file) };
  }
  return writeArchive(path, app, entries());
}

/**
 * Stores the run of a .credence file: whole, or not at all.
 * @param title what the user calls the file
 * @param id what it is called here; a new one, unless it must be found again
 * @throws WorkbenchError as `openArchive` and its reading do, `disk-full`
 */
export async function importRun({ db, folder, emit }: Pick<JobContext, 'db' | 'folder' | 'emit'>, path: string, title: string, id = newRunId()): Promise<Run> {
  const archive = await openArchive(path, title);
  const { id: oldId, metrics, files, spec, name, ...rest } = archive.json('run.json', RunDocument);
  const events = archive.json('events.json', z.array(RunEvent));
  const results = archive
    .json('experiments.json', Results)
    .map(({ settings, result, ...about }) => ({ ...about, ...renamed({ settings, result }, oldId, id) }));
  const chunks = scopes.map((scope) => [scope, unpackMetrics(archive, scope, metrics[scope])] as const);
  const written: Artifact[] = [];
  try {
    for (const { name: file, ...about } of files)
      written.push({ ...about, run: id, ...(await writeArtifact(folder.artifacts, `${id}/${file}`, archive.read(`weights/${file}`))) });
    durably(db, () => {
      insertRun(db, spec, name, id);
      updateRun(db, id, rest);
      for (const [scope, chunk] of chunks) insertMetrics(db, id, scope, chunk);
      for (const event of events) insertEvent(db, id, event);
      insertEvent(db, id, { time: Date.now(), level: 'info', message: `Imported from “${title}”, where it was ${oldId}`, step: null });
      for (const artifact of written) insertArtifact(db, artifact);
      for (const { kind, settings, endedAt, result } of results) {
        const experiment = insertExperiment(db, { kind, settings, runs: [id] });
        updateExperiment(db, experiment.id, { status: 'succeeded', endedAt, result });
      }
    });
  } catch (error) {
    await deleteArtifacts(
      folder.artifacts,
      files.map((file) => `${id}/${file.name}`),
    );
    throw error;
  }
  emit('run.changed', getRun(db, id));
  return getRun(db, id);
}

const json = (name: string, value: unknown): ArchiveEntry => ({ name, bytes: new TextEncoder().encode(JSON.stringify(value, null, 1)) });

/** The run's id stands inside results, too. An id is long enough to be nothing else. */
const renamed = <T>(value: T, from: RunId, to: RunId): T => JSON.parse(JSON.stringify(value).replaceAll(from, to)) as T;

function packMetrics({ names, steps, values }: MetricChunk): Uint8Array {
  const width = 1 + names.length;
  const rows = new Float64Array(steps.length * width);
  steps.forEach((step, i) => {
    rows[i * width] = step;
    rows.set(values.subarray(i * names.length, (i + 1) * names.length), i * width + 1);
  });
  return new Uint8Array(rows.buffer);
}

function unpackMetrics(archive: Archive, scope: (typeof scopes)[number], { names, rows }: z.infer<typeof Metrics>): MetricChunk {
  const bytes = archive.read(`metrics-${scope}.f64`);
  const width = 1 + names.length;
  if (bytes.byteLength !== 8 * rows * width)
    throw new WorkbenchError(
      'invalid-file',
      `“${archive.title}” cannot be used: ${rows} rows of ${scope} metrics need ${8 * rows * width} bytes, it has ${bytes.byteLength}`,
    );
  const all = new Float64Array(bytes.slice().buffer);
  return {
    names,
    steps: Float64Array.from({ length: rows }, (_, i) => all[i * width]!),
    values: Float64Array.from({ length: rows * names.length }, (_, i) => all[Math.floor(i / names.length) * width + 1 + (i % names.length)]!),
  };
}
