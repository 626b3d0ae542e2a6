/** @file Share of rows that are more uncertain than x: 1 − ECDF, in and out of distribution. */
import { defineChart } from './define-chart';
import type { Role } from './palette';

export interface SurvivalCurves {
  readonly measure: string;
  /** Two curves of equal `pair` belong to one run. */
  readonly curves: readonly {
    readonly name: string;
    readonly pair: number;
    readonly outside: boolean;
    /** nats */
    readonly x: readonly number[];
    readonly share: readonly number[];
  }[];
}

/** With one run, the sets differ in colour; with several, the runs do. */
const roleOf = (pairs: number, pair: number, outside: boolean): Role =>
  pairs === 1 ? (outside ? 'series-2' : 'series-1') : (`series-${(pair % 7) + 1}` as Role);

/** @see Louizos & Welling (2017), Multiplicative Normalizing Flows for Variational Bayesian Neural Networks, fig. 5. */
export const survivalCurves = defineChart<SurvivalCurves>({
  id: 'survival-curves',
  title: 'Rows more uncertain than x',
  figure({ measure, curves }) {
    const pairs = new Set(curves.map(({ pair }) => pair)).size;
    return {
      x: { label: measure, unit: 'nats', zero: true },
      y: { label: 'Rows above', unit: '%', domain: [0, 100] },
      names: 'top',
      marks: curves.map(({ name, pair, outside, x, share }) => ({
        type: 'line',
        role: roleOf(pairs, pair, outside),
        name,
        x,
        y: share.map((value) => 100 * value),
        dashed: !outside,
        hover: (i) => `${name}: ${(100 * share[i]!).toFixed(1)} % above ${x[i]!.toFixed(2)} nats`,
      })),
      caption: 'Dashed: test rows of the kind trained for, which should fall at once; solid: the other data, which should stay high.',
    };
  },
  table: ({ curves }) => ({
    nats: curves[0]?.x ?? [],
    ...Object.fromEntries(curves.map(({ name, share }) => [`${name} %`, share.map((value) => 100 * value)])),
  }),
});
