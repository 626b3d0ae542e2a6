/** @file One measure of uncertainty on data that a model was trained for, and on data it was not. */
import { defineChart } from './define-chart';
import { histogramOutline, outlineBin } from './uncertainty-histogram';

export interface ShiftedCounts {
  readonly measure: string;
  /** [bins + 1], nats. */
  readonly edges: readonly number[];
  /** The run's own test part first. */
  readonly sets: readonly { readonly title: string; readonly rows: number; readonly count: readonly number[] }[];
}

const roles = ['series-1', 'series-2'] as const;
const percent = ({ count, rows }: ShiftedCounts['sets'][number]) => count.map((value) => (100 * value) / rows);

export const shiftHistogram = defineChart<ShiftedCounts>({
  id: 'shift-histogram',
  title: 'Uncertainty in and out of distribution',
  figure: ({ measure, edges, sets }) => ({
    x: { label: measure, unit: 'nats', zero: true },
    y: { label: 'Rows', unit: '%', zero: true, logAllowed: true },
    names: 'top',
    marks: sets.flatMap((set, i) => {
      const role = roles[i % roles.length]!;
      const { x, y } = histogramOutline(edges, percent(set));
      const hover = (point: number) => {
        const bin = outlineBin(point, set.count.length);
        return `${set.title}: ${set.count[bin]} of ${set.rows} rows in ${edges[bin]!.toFixed(2)}–${edges[bin + 1]!.toFixed(2)} nats`;
      };
      return [
        { type: 'band', role, x, low: y.map(() => 0), high: y, opacity: 0.15 },
        { type: 'line', role, name: set.title, x, y, floored: true, hover },
      ] as const;
    }),
    caption: 'The further apart the two, the better this uncertainty tells what the network has never seen.',
  }),
  table: ({ edges, sets }) => ({
    from: edges.slice(0, -1),
    to: edges.slice(1),
    ...Object.fromEntries(sets.map((set) => [`${set.title} %`, percent(set)])),
  }),
});
