/** @file Standard deviations of a one-dimensional regression, decomposed, over the input. */
import { defineChart } from './define-chart';
import type { Mark } from './figure';
import type { RegressionBands } from './regression-bands';

export const regressionUncertainty = defineChart<RegressionBands>({
  id: 'regression-uncertainty',
  title: 'Uncertainty over the input',
  figure: ({ x, total, aleatoric, epistemic, exact, target }) => ({
    x: { label: 'x' },
    y: { label: 'Standard deviation', zero: true, ...(target.unit && { unit: target.unit }) },
    names: 'top',
    marks: [
      { type: 'line', role: 'total', name: 'total', x, y: total },
      { type: 'line', role: 'aleatoric', name: 'aleatoric', x, y: aleatoric },
      { type: 'line', role: 'epistemic', name: 'epistemic', x, y: epistemic },
      ...(exact ? [{ type: 'line', role: 'epistemic', name: 'exact epistemic', x, y: exact.epistemic, dashed: true } satisfies Mark] : []),
    ],
    caption: 'total² = aleatoric² + epistemic²: noise in the data, and what the network does not know.',
  }),
  table: ({ x, total, aleatoric, epistemic, exact }) => ({ x, total, aleatoric, epistemic, ...(exact && { 'exact epistemic': exact.epistemic }) }),
});
