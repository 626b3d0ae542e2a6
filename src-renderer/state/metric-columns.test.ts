import { describe, expect, it } from 'vitest';
import { MetricColumns } from './metric-columns';

const chunk = (names: string[], steps: number[], values: number[]) => ({ names, steps: Float64Array.from(steps), values: Float64Array.from(values) });

describe('MetricColumns', () => {
  it('turns rows into columns', () => {
    const columns = new MetricColumns();
    columns.append(chunk(['elbo', 'kl'], [1, 2], [-1, 10, -2, 20]));
    columns.append(chunk(['elbo', 'kl'], [3], [-3, 30]));
    expect([...columns.steps]).toEqual([1, 2, 3]);
    expect([...columns.column('kl')]).toEqual([10, 20, 30]);
    expect(columns.last('elbo')).toBe(-3);
    expect(columns.lastStep).toBe(3);
  });
  it('leaves NaN where a metric was not measured', () => {
    const columns = new MetricColumns();
    columns.append(chunk(['a'], [1, 2], [1, 2]));
    columns.append(chunk(['b'], [3], [5]));
    expect([...columns.column('a')]).toEqual([1, 2, NaN]);
    expect([...columns.column('b')]).toEqual([NaN, NaN, 5]);
    expect(columns.last('a')).toBe(2);
    expect(columns.column('c')).toHaveLength(0);
  });
  it('replaces the rows that a resumed run repeats, without touching views handed out before', () => {
    const columns = new MetricColumns();
    columns.append(chunk(['a'], [1, 2, 3], [1, 2, 3]));
    const before = columns.column('a');
    columns.append(chunk(['a'], [2], [-2]));
    expect([...columns.steps]).toEqual([1, 2]);
    expect([...columns.column('a')]).toEqual([1, -2]);
    expect([...before]).toEqual([1, 2, 3]);
    columns.append(chunk(['b'], [5], [7]));
    expect([...columns.column('a')]).toEqual([1, -2, NaN]); // nothing of the dropped row 3 is left
  });
  it('grows beyond its first capacity in chunks of any size', () => {
    const columns = new MetricColumns();
    const size = 700;
    for (let part = 0; part < 8; part++) {
      const steps = Array.from({ length: size }, (_, i) => part * size + i);
      columns.append(chunk(['a'], steps, steps));
    }
    columns.append(
      chunk(
        ['a'],
        Array.from({ length: 20_000 }, (_, i) => 5600 + i),
        Array.from({ length: 20_000 }, (_, i) => 5600 + i),
      ),
    );
    expect(columns.rows).toBe(25_600);
    expect(columns.column('a').every((value, row) => value === row && columns.steps[row] === row)).toBe(true);
  });
});
