/** @file How something changes with the prior's precision, and where it is best. */
import { defineChart } from './define-chart';
import type { Role } from './palette';

export interface PrecisionCurve {
  /** Multiples of the precision of the prior trained with, ascending. */
  readonly precision: readonly number[];
  readonly values: readonly number[];
  readonly label: string;
  readonly unit?: string;
  readonly role: Role;
  readonly better: 'higher' | 'lower';
  /** Index of the precision that the reader looks at. */
  readonly at: number;
}

const best = ({ values, better }: PrecisionCurve): number =>
  values.reduce((found, value, i) => ((better === 'higher' ? value > values[found]! : value < values[found]!) ? i : found), 0);

export const precisionCurve = defineChart<PrecisionCurve>({
  id: 'precision-curve',
  title: 'Prior precision',
  figure(data) {
    const { precision, values, label, unit, role, at } = data;
    const top = best(data);
    const point = (index: number) => ({ x: [precision[index]!], y: [values[index]!] });
    const says = (index: number) => `${label} ${values[index]!.toPrecision(6)} at ${precision[index]!.toPrecision(3)} ×`;
    return {
      x: { label: 'Prior precision', unit: '× that trained with', log: true },
      y: { label, ...(unit && { unit }) },
      names: 'top',
      marks: [
        { type: 'line', role, x: precision, y: values, hover: says },
        { type: 'points', role, name: 'best', hollow: true, radius: 6, hover: () => says(top), ...point(top) },
        { type: 'points', role: 'ink', name: 'looked at', radius: 4, hover: () => says(at), ...point(at) },
      ],
      caption: `Best: ${values[top]!.toPrecision(5)} at ${precision[top]!.toPrecision(3)} times the prior’s precision.`,
    };
  },
  table: ({ precision, values, label }) => ({ precision, [label]: values }),
});
