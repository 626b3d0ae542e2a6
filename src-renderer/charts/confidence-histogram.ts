/** @file How confident a classifier is: rows per bin of its largest probability. */
import { defineChart } from './define-chart';

export interface ConfidenceHistogram {
  /** Rows in bins of equal width over [0, 1]. */
  readonly count: readonly number[];
}

/** @see Guo et al. (2017), On Calibration of Modern Neural Networks, fig. 1 (top). */
export const confidenceHistogram = defineChart<ConfidenceHistogram>({
  id: 'confidence-histogram',
  title: 'Confidence',
  figure({ count }) {
    const rows = count.reduce((sum, n) => sum + n, 0);
    const shares = count.map((n) => (rows ? (100 * n) / rows : 0));
    return {
      x: { label: 'Confidence', domain: [0, 1] },
      y: { label: 'Rows', unit: '%', zero: true, logAllowed: true },
      marks: [
        {
          type: 'bars',
          role: 'muted',
          x: count.map((_, bin) => (bin + 0.5) / count.length),
          y: shares,
          width: 0.94 / count.length,
          hover: (bin) =>
            `confidence ${(bin / count.length).toFixed(2)} – ${((bin + 1) / count.length).toFixed(2)}: ${count[bin]} rows, ${shares[bin]!.toFixed(1)} %`,
        },
      ],
    };
  },
  table: ({ count }) => ({ bin: count.map((_, i) => i + 1), upper: count.map((_, i) => (i + 1) / count.length), rows: count }),
});
