/** @file Standard deviations of a one-dimensional regression, decomposed, over the input. */
import { defineChart } from './define-chart';
import type { Mark } from './figure';
import type { RegressionBands } from './regression-bands';

/** The largest standard deviation where there are data; beyond them a learnt noise may grow exponentially. */
function largestAt(x: readonly number[], sd: readonly number[], data: readonly number[]): number {
  const [low, high] = [Math.min(...data), Math.max(...data)];
  return Math.max(...sd.filter((_, i) => x[i]! >= low && x[i]! <= high));
}

export const regressionUncertainty = defineChart<RegressionBands>({
  id: 'regression-uncertainty',
  title: 'Uncertainty over the input',
  figure: ({ x, total, aleatoric, epistemic, exact, train, test, target }) => ({
    x: { label: 'x' },
    y: {
      label: 'Standard deviation',
      zero: true,
      limit: [0, Math.max(1.5 * largestAt(x, total, [...train.x, ...test.x]), 1.1 * Math.max(...epistemic, ...(exact?.epistemic ?? [])))],
      ...(target.unit && { unit: target.unit }),
    },
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
