/** @file Rows of a one-dimensional regression. */
import { defineChart } from './define-chart';
import type { Values } from './figure';

export interface RegressionRows {
  readonly x: Values;
  readonly y: Values;
  readonly xLabel?: string;
  readonly yLabel?: string;
}

export const regressionScatter = defineChart<RegressionRows>({
  id: 'regression-scatter',
  title: 'Rows',
  figure: ({ x, y, xLabel = 'x', yLabel = 'y' }) => ({
    x: { label: xLabel, padding: 0.04 },
    y: { label: yLabel, padding: 0.04 },
    marks: [{ type: 'points', role: 'accent', x, y, radius: x.length > 300 ? 2 : 3 }],
  }),
  table: ({ x, y, xLabel = 'x', yLabel = 'y' }) => ({ [xLabel]: x, [yLabel]: y }),
});
