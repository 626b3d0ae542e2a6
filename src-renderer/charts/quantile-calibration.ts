/** @file Calibration of a regression: the share of targets below each predicted quantile. */
import { defineChart } from './define-chart';
import type { Role } from './palette';

export interface QuantileCalibration {
  /** Probabilities of the quantiles, ascending in (0, 1). */
  readonly levels: readonly number[];
  readonly series: readonly { readonly name: string; readonly share: readonly number[] }[];
}

/** @see Kuleshov et al. (2018), Accurate Uncertainties for Deep Learning Using Calibrated Regression, fig. 3. */
export const quantileCalibration = defineChart<QuantileCalibration>({
  id: 'quantile-calibration',
  title: 'Targets below each predicted quantile',
  figure: ({ levels, series }) => ({
    x: { label: 'Predicted probability', domain: [0, 1] },
    y: { label: 'Share of targets below', domain: [0, 1] },
    names: 'top',
    marks: [
      { type: 'line', role: 'muted', name: 'calibrated', x: [0, 1], y: [0, 1], dashed: true, hover: (i) => `calibrated: ${i}` },
      ...series.map(({ name, share }, i) => ({
        type: 'line' as const,
        role: `series-${i + 1}` as Role,
        name,
        x: levels,
        y: share,
        hover: (at: number) => `${name}: ${(100 * share[at]!).toFixed(1)} % below the ${(100 * levels[at]!).toFixed(1)} % quantile`,
      })),
    ],
    caption: 'An S shape crossing the diagonal from above is overconfident: too many targets in the tails.',
  }),
  table: ({ levels, series }) => ({ probability: levels, ...Object.fromEntries(series.map(({ name, share }) => [name, share])) }),
});
