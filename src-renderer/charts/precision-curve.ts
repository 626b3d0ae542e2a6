/** @file How something that should be small changes with the prior's precision, and where it is smallest. */
import { defineChart } from './define-chart';
import type { Role } from './palette';

export interface PrecisionCurve {
  /** Multiples of the precision of the prior trained with, ascending. */
  readonly precision: readonly number[];
  readonly values: readonly number[];
  readonly label: string;
  readonly unit?: string;
  readonly role: Role;
  /** Index of the precision that the reader looks at. */
  readonly at: number;
}

const smallest = (values: readonly number[]): number => values.reduce((found, value, i) => (value < values[found]! ? i : found), 0);
const short = (value: number): string => value.toLocaleString('en', { maximumSignificantDigits: 5, useGrouping: true });

export const precisionCurve = defineChart<PrecisionCurve>({
  id: 'precision-curve',
  title: 'Prior precision',
  figure({ precision, values, label, unit, role, at }) {
    const best = smallest(values);
    const point = (index: number) => ({ x: [precision[index]!], y: [values[index]!] });
    const says = (index: number) => `${label} ${short(values[index]!)} at ${short(precision[index]!)} ×`;
    return {
      x: { label: 'Prior precision', unit: '× that trained with', log: true, padding: 0.03 },
      y: { label, ...(unit && { unit }), log: values.every((value) => value > 0) },
      names: 'top',
      marks: [
        { type: 'line', role, x: precision, y: values, hover: says },
        { type: 'points', role, name: 'lowest', hollow: true, radius: 6, hover: () => says(best), ...point(best) },
        { type: 'points', role: 'ink', name: 'looked at', radius: 4, hover: () => says(at), ...point(at) },
      ],
      caption: `Lowest: ${short(values[best]!)} at ${short(Number(precision[best]!.toPrecision(3)))} times the precision trained with.`,
    };
  },
  table: ({ precision, values, label }) => ({ precision, [label]: values }),
});
