/** @file Weights of a layer: densities of their means, of draws and of the prior. */
import { defineChart } from './define-chart';
import type { Role } from './palette';

export interface WeightHistogram {
  /** Of the horizontal axis. */
  readonly label: string;
  /** [bins + 1], ascending */
  readonly edges: readonly number[];
  readonly densities: readonly { readonly name: string; readonly density: readonly number[] }[];
}

const roles: Readonly<Record<string, Role>> = { means: 'series-1', draws: 'series-2', prior: 'muted', σ: 'series-3' };

/** @see Blundell et al. (2015), Weight Uncertainty in Neural Networks, fig. 5. */
export const weightHistogram = defineChart<WeightHistogram>({
  id: 'weight-histogram',
  title: 'Weights',
  figure({ label, edges, densities }) {
    const middle = edges.slice(1).map((edge, i) => (edge + edges[i]!) / 2);
    return {
      x: { label },
      y: { label: 'Density', zero: true, logAllowed: true },
      names: 'top',
      marks: densities.map(({ name, density }) => ({
        type: 'line',
        role: roles[name] ?? 'accent',
        name,
        x: middle,
        y: density,
        dashed: name === 'prior',
        hover: (i) => `${name}: density ${density[i]!.toPrecision(3)} at ${middle[i]!.toPrecision(3)}`,
      })),
    };
  },
  table: ({ edges, densities }) => ({
    from: edges.slice(0, -1),
    to: edges.slice(1),
    ...Object.fromEntries(densities.map(({ name, density }) => [name, density])),
  }),
});
