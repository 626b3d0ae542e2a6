/** @file A .credence file, read piece by piece. */
import { openArchive, type Archive } from '../../artifacts/archive';
import { writeArtifact } from '../../artifacts/artifact';
import { deleteArtifacts } from '../../artifacts/folder';
import { WorkbenchError } from '../../contract/errors';
import { MetricScope, type Artifact, type MetricChunk } from '../../contract/run';
import { Events, metricsEntry, Results, RunDocument, weightsEntry, type ArchivedMetrics } from '../archived-run';
import type { Account, Errand, Watch } from '../clerk-protocol';

/** Rows of metrics in one portion: a few milliseconds for who stores them. */
const portionRows = 1000;

/**
 * Hands over document and metrics, writes the weights, and returns the rest. Only its end says that everything was whole.
 * @throws WorkbenchError `cancelled`, `disk-full`, and as `openArchive` and its reading do
 */
export async function unpackRun(
  artifacts: string,
  { run, path, title }: Pick<Extract<Errand, { type: 'unpackRun' }>, 'run' | 'path' | 'title'>,
  { signal, report, take }: Watch,
): Promise<Account<'unpackRun'>> {
  const archive = await openArchive(path, title);
  const document = await archive.json('run.json', RunDocument);
  const events = await archive.json('events.json', Events);
  const results = await archive.json('experiments.json', Results);
  const total = archive.manifest.entries.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const advance = (bytes: number) => {
    if (signal?.aborted) throw new WorkbenchError('cancelled', 'The import was cancelled');
    done += bytes;
    report?.(Math.min(1, done / Math.max(1, total)));
  };
  const names = document.files.map(({ name }) => `${run}/${name}`);
  const files: Artifact[] = [];
  try {
    await take?.({ type: 'document', document });
    for (const scope of MetricScope.options) {
      const size = document.metrics[scope];
      if (!size) continue;
      for await (const chunk of unpackMetrics(archive, scope, size)) {
        await take?.({ type: 'metrics', scope, chunk });
        advance(8 * (chunk.steps.length + chunk.values.length));
      }
    }
    for (const { name, ...about } of document.files) {
      const bytes = await archive.read(weightsEntry(name));
      files.push({ ...about, run, ...(await writeArtifact(artifacts, `${run}/${name}`, bytes)) });
      advance(bytes.byteLength);
    }
  } catch (error) {
    await deleteArtifacts(artifacts, names);
    throw error;
  }
  return { events, results, files };
}

async function* unpackMetrics(archive: Archive, scope: MetricScope, { names, rows }: ArchivedMetrics): AsyncGenerator<MetricChunk> {
  const name = metricsEntry(scope);
  const rowBytes = 8 * (1 + names.length);
  if (archive.size(name) !== rows * rowBytes)
    throw new WorkbenchError(
      'invalid-file',
      `“${archive.title}” cannot be used: ${rows} rows of ${scope} metrics need ${rows * rowBytes} bytes, it has ${archive.size(name)}`,
    );
  const portion = new Uint8Array(portionRows * rowBytes);
  let filled = 0;
  for await (const piece of archive.pieces(name)) {
    for (let at = 0; at < piece.byteLength;) {
      const part = piece.subarray(at, at + portion.byteLength - filled);
      portion.set(part, filled);
      filled += part.byteLength;
      at += part.byteLength;
      if (filled < portion.byteLength) continue;
      yield chunkOf(names, portion);
      filled = 0;
    }
  }
  if (filled > 0) yield chunkOf(names, portion.subarray(0, filled));
}

function chunkOf(names: readonly string[], bytes: Uint8Array): MetricChunk {
  const rows = new Float64Array(bytes.slice().buffer);
  const width = 1 + names.length;
  const count = rows.length / width;
  const chunk = { names: [...names], steps: new Float64Array(count), values: new Float64Array(count * names.length) };
  for (let i = 0; i < count; i++) {
    chunk.steps[i] = rows[i * width]!;
    chunk.values.set(rows.subarray(i * width + 1, (i + 1) * width), i * names.length);
  }
  return chunk;
}
