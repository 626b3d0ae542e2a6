import { describe, expect, it } from 'vitest';
import { deleteMetricsAfter, deleteSomeMetrics, insertMetrics, latestMetrics, readMetrics } from './metrics';
import { openExample } from './testing';

const chunk = (names: string[], steps: number[], values: number[]) => ({ names, steps: Float64Array.from(steps), values: Float64Array.from(values) });

describe('metrics', () => {
  it('brings back rows bit for bit, in order of step', () => {
    const { db, run } = openExample();
    insertMetrics(db, run, 'step', chunk(['nll', 'kl'], [3, 1], [0.1, NaN, -1e300, Infinity]));
    expect(readMetrics(db, run, 'step', {})).toEqual(chunk(['nll', 'kl'], [1, 3], [-1e300, Infinity, 0.1, NaN]));
    expect(readMetrics(db, run, 'epoch', {})).toEqual(chunk([], [], []));
  });

  it('fills with NaN where a name came later or is missing', () => {
    const { db, run } = openExample();
    insertMetrics(db, run, 'step', chunk(['a'], [1], [10]));
    insertMetrics(db, run, 'step', chunk(['b', 'a'], [2], [20, 21]));
    insertMetrics(db, run, 'step', chunk(['b'], [3], [30]));
    expect(readMetrics(db, run, 'step', {})).toEqual(chunk(['a', 'b'], [1, 2, 3], [10, NaN, 21, 20, NaN, 30]));
    expect(latestMetrics(db, run)).toEqual({ a: 21, b: 30 });
  });

  it('decimates evenly, with both ends, after a step', () => {
    const { db, run } = openExample();
    const steps = Array.from({ length: 1000 }, (_, i) => i);
    insertMetrics(db, run, 'step', chunk(['a'], steps, steps));
    expect([...readMetrics(db, run, 'step', { maxRows: 4 }).steps]).toEqual([0, 333, 666, 999]);
    expect([...readMetrics(db, run, 'step', { maxRows: 3, afterStep: 996 }).steps]).toEqual([997, 998, 999]);
    expect([...readMetrics(db, run, 'step', { maxRows: 1 }).steps]).toEqual([999]);
    expect(readMetrics(db, run, 'step', { maxRows: 4 }).values[1]).toBe(333);
    // Few of many are sought one by one, many of few are passed over: both give the same kind of rows.
    expect([...readMetrics(db, run, 'step', { maxRows: 112 }).steps]).toEqual(Array.from({ length: 112 }, (_, i) => 9 * i));
  });

  it('never repeats a row where steps have gaps', () => {
    const { db, run } = openExample();
    const steps = [0, 1, 2, 3, 1000, 1001];
    insertMetrics(db, run, 'step', chunk(['a'], steps, steps));
    expect([...readMetrics(db, run, 'step', { maxRows: 4 }).steps]).toEqual([0, 1000, 1001]);
    insertMetrics(db, run, 'step', chunk(['a'], [1002 + 60], [1])); // now too many to pass over
    const long = Array.from({ length: 60 }, (_, i) => 2000 + i);
    insertMetrics(db, run, 'step', chunk(['a'], long, long));
    expect([...readMetrics(db, run, 'step', { maxRows: 4 }).steps]).toEqual([0, 1000, 2000, 2059]);
  });

  it('drops what is newer than a checkpoint, in every scope', () => {
    const { db, run } = openExample();
    insertMetrics(db, run, 'step', chunk(['a'], [9, 10, 11], [1, 2, 3]));
    insertMetrics(db, run, 'epoch', chunk(['e'], [10, 20], [4, 5]));
    insertMetrics(db, run, 'checkpoint', chunk(['w'], [0, 10, 11], [6, 7, 8]));
    deleteMetricsAfter(db, run, 10);
    expect([...readMetrics(db, run, 'step', {}).steps]).toEqual([9, 10]);
    expect([...readMetrics(db, run, 'checkpoint', {}).steps]).toEqual([0, 10]);
    expect(latestMetrics(db, run)).toEqual({ a: 2, e: 4 });
  });

  it('empties a run in slices', () => {
    const { db, run } = openExample();
    insertMetrics(db, run, 'step', chunk(['a'], [1, 2, 3], [1, 2, 3]));
    insertMetrics(db, run, 'epoch', chunk(['a'], [3], [3]));
    insertMetrics(db, run, 'checkpoint', chunk(['a'], [3], [3]));
    expect([2, 2, 2, 2, 2].map((rows) => deleteSomeMetrics(db, run, rows))).toEqual([true, true, true, true, false]);
  });

  it('seeks by primary key, so that reading does not slow down with the table', () => {
    const { db } = openExample();
    const plan = (sql: string) =>
      db
        .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .all()
        .map(({ detail }) => detail);
    expect(plan(`SELECT step, row FROM metrics WHERE run = 1 AND scope = 'step' AND step >= 5 ORDER BY step LIMIT 1`)).toEqual([
      'SEARCH metrics USING PRIMARY KEY (run=? AND scope=? AND step>?)',
    ]);
    expect(plan(`SELECT MAX(step) FROM metrics WHERE run = 1 AND scope = 'step' AND step > 5`)).toEqual([
      'SEARCH metrics USING PRIMARY KEY (run=? AND scope=? AND step>?)',
    ]);
  });
});
