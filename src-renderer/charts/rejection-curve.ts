/** @file Error of what remains when the most uncertain rows are handed to a person. */
import { defineChart } from './define-chart';
import type { Role } from './palette';

/** One entry per test row; uncertainties in nats. */
export interface JudgedRows {
  readonly label: readonly number[];
  readonly predicted: readonly number[];
  readonly total: readonly number[];
  readonly epistemic: readonly number[];
}

/** Fewer rows than this, or than 1 %, give a share that is mostly noise. */
const fewest = 20;

const leastUncertainFirst = (uncertainty: readonly number[]) => Array.from(uncertainty.keys()).sort((a, b) => uncertainty[a]! - uncertainty[b]!);
const firstKept = (rows: number) => Math.min(rows, Math.max(fewest, Math.ceil(rows / 100)));

/** The rows that are kept at point `index` of a curve, the most certain first. */
export const keptRows = ({ label }: Pick<JudgedRows, 'label'>, uncertainty: readonly number[], index: number): number[] =>
  leastUncertainFirst(uncertainty).slice(0, firstKept(label.length) + index);

/** Error in % of the k most certain rows, from the first k worth drawing to all; x is the share of rows kept, in %. */
export function errorOfKept({ label, predicted }: JudgedRows, uncertainty: readonly number[]): { x: Float64Array; y: Float64Array } {
  const order = leastUncertainFirst(uncertainty);
  const first = firstKept(order.length);
  const x = new Float64Array(order.length - first + 1);
  const y = new Float64Array(x.length);
  let errors = 0;
  order.forEach((row, i) => {
    if (predicted[row] !== label[row]) errors++;
    const kept = i + 1;
    if (kept < first) return;
    x[kept - first] = (100 * kept) / order.length;
    y[kept - first] = (100 * errors) / kept;
  });
  return { x, y };
}

/** @see Geifman & El-Yaniv (2017), Selective Classification for Deep Neural Networks, sec. 2 (the risk–coverage curve). */
export const rejectionCurve = defineChart<JudgedRows>({
  id: 'rejection-curve',
  title: 'Error of the most certain rows',
  figure: (rows) => ({
    x: { label: 'Most certain rows kept', unit: '%', domain: [0, 100] },
    y: { label: 'Error', unit: '%', zero: true },
    names: 'top',
    marks: (['total', 'epistemic'] satisfies Role[]).map((part) => {
      const { x, y } = errorOfKept(rows, rows[part]);
      return {
        type: 'line',
        role: part,
        name: `sorted by ${part}`,
        x,
        y,
        hover: (i) => `${y[i]!.toFixed(2)} % error in the ${x[i]!.toFixed(0)} % of least ${part} uncertainty`,
      };
    }),
    caption: 'A useful uncertainty falls to the left: what the network is sure of, it gets right.',
  }),
  table(rows) {
    const [total, epistemic] = [errorOfKept(rows, rows.total), errorOfKept(rows, rows.epistemic)];
    return { 'kept %': total.x, 'error % by total': total.y, 'error % by epistemic': epistemic.y };
  },
});
