/** @file Repository of metric rows. One row holds all metrics of one step as a float64 blob; reading decimates by seeking, so its cost does not grow with the table. */
import type { RunId } from '../contract/ids';
import { MetricScope, type MetricChunk } from '../contract/run';
import type { ReadableDb, WritableDb } from './database';
import { runKey } from './runs';

/** Inserts rows in one transaction; a row at a step that is there already replaces it. */
export function insertMetrics(db: WritableDb, run: RunId, scope: MetricScope, { names, steps, values }: MetricChunk): void {
  db.transaction(() => {
    const key = runKey(db, run);
    const known = metricNames(db, key, scope);
    const insertName = db.prepare('INSERT INTO metric_names (run, scope, position, name) VALUES (?, ?, ?, ?)');
    for (const name of names.filter((name) => !known.includes(name))) insertName.run(key, scope, known.push(name) - 1, name);

    const positions = names.map((name) => known.indexOf(name));
    const row = new Float64Array(known.length).fill(NaN);
    const bytes = Buffer.from(row.buffer); // SQLite copies it at each insert
    const insert = db.prepare('INSERT OR REPLACE INTO metrics (run, scope, step, row) VALUES (?, ?, ?, ?)');
    for (let i = 0; i < steps.length; i++) {
      for (let j = 0; j < positions.length; j++) row[positions[j]!] = values[i * positions.length + j]!;
      insert.run(key, scope, steps[i]!, bytes);
    }
  })();
}

/** Rows after `afterStep`; with `maxRows` > 0 at most so many, even in step, first and last included. */
export function readMetrics(
  db: ReadableDb,
  run: RunId,
  scope: MetricScope,
  { afterStep = -1, maxRows = 0 }: { afterStep?: number; maxRows?: number },
): MetricChunk {
  const key = runKey(db, run);
  const names = metricNames(db, key, scope);
  const range = 'FROM metrics WHERE run = ? AND scope = ? AND step > ?';
  const limit = maxRows > 0 ? scanned * maxRows + 1 : -1;
  const count = db.prepare<unknown[], number>(`SELECT COUNT(*) FROM (SELECT 1 ${range} LIMIT ?)`).pluck().get(key, scope, afterStep, limit)!;
  const all = () => db.prepare<unknown[], StoredRow>(`SELECT step, row ${range} ORDER BY step`).iterate(key, scope, afterStep);
  const rows = maxRows > 0 && count > maxRows ? evenRows(db, key, scope, afterStep, maxRows, count <= scanned * maxRows ? all() : null) : all();

  return chunkOf(names, rows, maxRows > 0 ? Math.min(count, maxRows) : count);
}

/** Whether there are more rows; counts no further than that. */
export const hasMoreMetrics = (db: ReadableDb, run: RunId, scope: MetricScope, rows: number): boolean =>
  db
    .prepare<unknown[], number>('SELECT COUNT(*) FROM (SELECT 1 FROM metrics WHERE run = ? AND scope = ? LIMIT ?)')
    .pluck()
    .get(runKey(db, run), scope, rows + 1)! > rows;

/** How much there is to read. */
export function metricSize(db: ReadableDb, run: RunId, scope: MetricScope): { names: string[]; rows: number } {
  const key = runKey(db, run);
  const rows = db.prepare<unknown[], number>('SELECT COUNT(*) FROM metrics WHERE run = ? AND scope = ?').pluck().get(key, scope)!;
  return { names: metricNames(db, key, scope), rows };
}

/** All rows in order, so many at a time; every page has all names. */
export function* metricPages(db: ReadableDb, run: RunId, scope: MetricScope, rows = 4000): Generator<MetricChunk> {
  const key = runKey(db, run);
  const names = metricNames(db, key, scope);
  const next = db.prepare<unknown[], StoredRow>('SELECT step, row FROM metrics WHERE run = ? AND scope = ? AND step > ? ORDER BY step LIMIT ?');
  for (let afterStep = -1; ;) {
    const page = next.all(key, scope, afterStep, rows);
    if (page.length === 0) return;
    yield chunkOf(names, page, page.length);
    afterStep = page.at(-1)!.step;
  }
}

/** @param capacity at least the number of rows */
function chunkOf(names: string[], rows: Iterable<StoredRow>, capacity: number): MetricChunk {
  const steps = new Float64Array(capacity);
  const values = new Float64Array(capacity * names.length).fill(NaN);
  const bytes = new Uint8Array(values.buffer);
  let i = 0;
  for (const { step, row } of rows) {
    steps[i] = step;
    bytes.set(row, 8 * names.length * i);
    i++;
  }
  return { names, steps: steps.slice(0, i), values: values.slice(0, i * names.length) };
}

/** Drops rows of steps after `step`: the resumed run measures them again. */
export function deleteMetricsAfter(db: WritableDb, run: RunId, step: number): void {
  const key = runKey(db, run);
  // The scopes are named, so that the primary key finds the rows.
  for (const scope of MetricScope.options) db.prepare('DELETE FROM metrics WHERE run = ? AND scope = ? AND step > ?').run(key, scope, step);
}

/** Deletes at most `rows` rows of a run; false when none is left. For emptying a long run without holding up the main thread. */
export function deleteSomeMetrics(db: WritableDb, run: RunId, rows: number): boolean {
  const key = runKey(db, run);
  return MetricScope.options.some((scope) => {
    const slice = 'SELECT step FROM metrics WHERE run = @key AND scope = @scope ORDER BY step LIMIT @rows';
    return db.prepare(`DELETE FROM metrics WHERE run = @key AND scope = @scope AND step IN (${slice})`).run({ key, scope, rows }).changes > 0;
  });
}

/** The last measured value of each metric of steps and epochs, of those among the last 1000 rows of each. */
export function latestMetrics(db: ReadableDb, run: RunId): Record<string, number> {
  const key = runKey(db, run);
  const latest: Record<string, number> = {};
  for (const scope of ['step', 'epoch'] as const) {
    const names = metricNames(db, key, scope);
    const missing = new Set(names);
    const rows = db
      .prepare<unknown[], StoredRow>('SELECT step, row FROM metrics WHERE run = ? AND scope = ? ORDER BY step DESC LIMIT 1000')
      .iterate(key, scope);
    for (const { row } of rows) {
      for (const name of missing) {
        const at = 8 * names.indexOf(name);
        const value = at < row.length ? row.readDoubleLE(at) : NaN;
        if (!Number.isFinite(value)) continue;
        latest[name] = value;
        missing.delete(name);
      }
      if (missing.size === 0) break;
    }
  }
  return latest;
}

type StoredRow = { step: number; row: Buffer };

/** To seek a row takes as long as to pass over so many. */
const scanned = 10;

/** @param all every row in turn, where that is quicker than seeking */
function* evenRows(db: ReadableDb, key: number, scope: MetricScope, afterStep: number, rows: number, all: Iterable<StoredRow> | null): Iterable<StoredRow> {
  const bound = (aggregate: string) =>
    db.prepare<unknown[], number>(`SELECT ${aggregate}(step) FROM metrics WHERE run = ? AND scope = ? AND step > ?`).pluck().get(key, scope, afterStep)!;
  const [first, last] = [bound('MIN'), bound('MAX')];
  const target = (i: number) => (rows === 1 ? last : first + Math.floor(((last - first) * i) / (rows - 1)));
  const seek = db.prepare<unknown[], StoredRow>('SELECT step, row FROM metrics WHERE run = ? AND scope = ? AND step >= ? ORDER BY step LIMIT 1');
  let i = 0;
  const beyond = (step: number) => {
    while (i < rows && target(i) <= step) i++; // past a gap, several at once
  };
  if (all) {
    for (const row of all) {
      if (row.step < target(i)) continue;
      yield row;
      beyond(row.step);
      if (i === rows) return;
    }
  } else {
    while (i < rows) {
      const row = seek.get(key, scope, target(i))!;
      yield row;
      beyond(row.step);
    }
  }
}

const metricNames = (db: ReadableDb, key: number, scope: MetricScope): string[] =>
  db.prepare<unknown[], string>('SELECT name FROM metric_names WHERE run = ? AND scope = ? ORDER BY position').pluck().all(key, scope);
