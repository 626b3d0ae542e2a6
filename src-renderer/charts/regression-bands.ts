/** @file Predictive of a one-dimensional regression: mean, aleatoric and total bands, data, and the exact posterior where it is known. */
import { defineChart } from './define-chart';
import type { Mark } from './figure';

/** Columns over one grid x; standard deviations in units of y. */
export interface RegressionBands {
  readonly x: readonly number[];
  readonly mean: readonly number[];
  readonly total: readonly number[];
  readonly aleatoric: readonly number[];
  readonly epistemic: readonly number[];
  readonly exact: { readonly mean: readonly number[]; readonly total: readonly number[]; readonly epistemic: readonly number[] } | null;
  readonly train: { readonly x: readonly number[]; readonly y: readonly number[] };
  readonly test: { readonly x: readonly number[]; readonly y: readonly number[] };
  readonly target: { readonly name: string; readonly unit: string };
}

const shifted = (mean: readonly number[], by: readonly number[], sign: 1 | -1) => mean.map((value, i) => value + sign * by[i]!);

const band = (role: 'total' | 'aleatoric', x: readonly number[], mean: readonly number[], sd: readonly number[]): Mark => ({
  type: 'band',
  role,
  name: `± ${role}`,
  x,
  low: shifted(mean, sd, -1),
  high: shifted(mean, sd, 1),
  opacity: role === 'total' ? 0.2 : 0.35,
});

/** The stretch of y to show: all points and means, and half as much again for the bands on either side. The learnt noise grows exponentially beyond the data. */
function frameOf(core: readonly (readonly number[])[]): readonly [number, number] {
  const [low, high] = core.flat().reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
  return [low - (high - low) / 2, high + (high - low) / 2];
}

export const regressionBands = defineChart<RegressionBands>({
  id: 'regression-bands',
  title: 'Predictive',
  figure: ({ x, mean, total, aleatoric, exact, train, test, target }) => ({
    x: { label: 'x' },
    y: { label: target.name, limit: frameOf([mean, train.y, test.y, exact?.mean ?? []]), ...(target.unit && { unit: target.unit }) },
    names: 'top',
    marks: [
      band('total', x, mean, total),
      band('aleatoric', x, mean, aleatoric),
      { type: 'points', role: 'muted', name: 'test', x: test.x, y: test.y, radius: 2, hollow: true },
      { type: 'points', role: 'ink', name: 'train', x: train.x, y: train.y, radius: 2.25 },
      ...(exact ? exactLines(x, exact) : []),
      { type: 'line', role: 'total', name: 'mean', x, y: mean },
    ],
    caption: `Bands: mean ± 1 sd, aleatoric inside total; what total adds is epistemic.${exact ? ' Dashed: the exact Gaussian process, mean and ± total.' : ''}`,
  }),
  table: ({ x, mean, total, aleatoric, epistemic, exact }) => ({
    x,
    mean,
    'total sd': total,
    'aleatoric sd': aleatoric,
    'epistemic sd': epistemic,
    ...(exact && { 'exact mean': exact.mean, 'exact total sd': exact.total, 'exact epistemic sd': exact.epistemic }),
  }),
});

const exactLines = (x: readonly number[], { mean, total }: NonNullable<RegressionBands['exact']>): Mark[] => [
  { type: 'line', role: 'ink', name: 'exact mean', x, y: mean, dashed: true },
  { type: 'line', role: 'muted', name: 'exact ± total', x, y: shifted(mean, total, -1), dashed: true },
  { type: 'line', role: 'muted', x, y: shifted(mean, total, 1), dashed: true },
];
