import { expect, it } from 'vitest';
import type { ClassificationEvaluation } from '../../../src-main/contract/experiment';
import type { SeenSet } from '../../../src-main/contract/ood-detection';
import { errorOfKept } from '../../charts/rejection-curve';
import { uncertaintyHistogram } from '../../charts/uncertainty-histogram';
import { confidenceRows, histogramRows, rejectionRows, shiftRows, survivalRows } from './picked-rows';

const rows = 40;
const total = Array.from({ length: rows }, (_, row) => row / rows); // row 39 is the least certain
const perRow = { label: total.map(() => 0), predicted: total.map((_, row) => row % 2), total, epistemic: total.map((value) => value / 2), nll: total };
const histogram = { edges: [0, 0.5, 1], total: [20, 20], aleatoric: [40, 0], epistemic: [40, 0] };
const evaluation = { histogram, perRow } as unknown as ClassificationEvaluation; // all that is asked of it

it('finds in the bin of an outline as many rows as the figure says, of the very part clicked', () => {
  const at = histogramRows(evaluation);
  const { marks } = uncertaintyHistogram.figure(histogram);
  expect(marks[1]!.role).toBe('total');
  const picked = at(3, 1)!; // the left corner of the second bin
  expect(picked.title).toBe('Total uncertainty 0.50–1.00 nats');
  expect(picked.rows).toEqual(Array.from({ length: 20 }, (_, i) => 20 + i));
  expect(at(3, 5)!.rows).toEqual([]); // no epistemic part is above ½
});

it('shows the least certain of the rows kept, the least certain first', () => {
  const { x } = errorOfKept(perRow, total);
  expect(x[5]).toBe((100 * 25) / rows); // from 20 rows on
  const picked = rejectionRows(evaluation)(5, 0)!;
  expect(picked.rows[0]).toBe(24);
  expect(picked.rows).toHaveLength(24);
  expect(picked.title).toContain('63 %');
});

it('skips empty bins as the reliability diagram does, and says nothing of its diagonal', () => {
  const at = confidenceRows([0, 2, 1], [[], [4, 5], [6]], 'filled')!;
  expect(at(0, 0)).toEqual({ title: 'Confidence 33–67 %', rows: [4, 5] });
  expect(at(1, 2)!.rows).toEqual([6]);
  expect(at(0, 1)).toBeUndefined();
  expect(confidenceRows([0, 2, 1], [[], [4, 5], [6]], 'all')!(2, 0)!.rows).toEqual([6]);
  expect(confidenceRows([1], undefined, 'all')).toBeUndefined();
});

it('takes the rows of the set that was clicked, from where they come', () => {
  const seen = (title: string, examples: number[][]) => ({ count: [1, 1], examples, survival: [], mean: 0, title });
  const set = (title: string, first: number): SeenSet => {
    const distribution = seen(title, [[first], [first + 1]]);
    return { title, rows: 2, total: distribution, epistemic: distribution };
  };
  const [own, other] = [set('Digits', 0), { ...set('Glyphs', 10), dataset: 'drawn-glyphs' }];
  const edges = [0, 1, 2];
  expect(shiftRows([own, other], 'total', edges)!(1, 1)).toEqual({ title: 'Digits: total 0.00–1.00 nats', rows: [0] });
  expect(shiftRows([own, other], 'total', edges)!(4, 3)).toEqual({ title: 'Glyphs: total 1.00–2.00 nats', rows: [11], dataset: 'drawn-glyphs' });
  const curves = [own, other].map((one) => ({ set: one, edges, grid: [0, 0.5, 1, 1.5, 2] }));
  expect(survivalRows(curves, 'epistemic')!(3, 1)!.rows).toEqual([11]);
  expect(survivalRows(curves, 'epistemic')!(4, 0)!.rows).toEqual([1]); // the right end belongs to the last bin
});
