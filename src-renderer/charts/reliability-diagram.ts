/** @file Reliability diagram: accuracy against confidence per bin. */
import { defineChart } from './define-chart';

/** Equal-width bins over [0, 1]; `confidence` and `accuracy` are the means in each bin, 0 where it is empty. */
export interface ReliabilityBins {
  readonly confidence: readonly number[];
  readonly accuracy: readonly number[];
  readonly count: readonly number[];
  readonly ece: number;
}

const filledBins = (count: readonly number[]) => count.flatMap((rows, bin) => (rows > 0 ? [bin] : []));

/** The bin behind entry `index` of mark `mark`; undefined for the diagonal. */
export const reliabilityBin = (count: readonly number[], index: number, mark: number): number | undefined =>
  mark === 1 ? undefined : filledBins(count)[index];

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** @see Guo et al. (2017), On Calibration of Modern Neural Networks, fig. 1 and eq. 3 (ECE). */
export const reliabilityDiagram = defineChart<ReliabilityBins>({
  id: 'reliability-diagram',
  title: 'Reliability diagram',
  figure({ confidence, accuracy, count, ece }) {
    const filled = filledBins(count);
    const heights = filled.map((bin) => accuracy[bin]!);
    const describe = (i: number) => {
      const bin = filled[i]!;
      return `${count[bin]} rows of confidence ${percent(confidence[bin]!)}: ${percent(accuracy[bin]!)} right`;
    };
    return {
      x: { label: 'Confidence', domain: [0, 1] },
      y: { label: 'Accuracy', domain: [0, 1] },
      marks: [
        {
          type: 'bars',
          role: 'accent',
          opacity: 0.3,
          x: filled.map((bin) => (bin + 0.5) / count.length),
          y: heights,
          width: 0.94 / count.length,
          hover: describe,
        },
        { type: 'line', role: 'muted', name: 'calibrated', x: [0, 1], y: [0, 1], dashed: true, hover: (i) => `calibrated: accuracy ${i} at confidence ${i}` },
        { type: 'points', role: 'accent', name: 'mean of a bin', x: filled.map((bin) => confidence[bin]!), y: heights, radius: 3.5, hover: describe },
      ],
      caption: `ECE ${(100 * ece).toFixed(2)} % over ${count.length} equal-width bins; points below the diagonal are overconfident.`,
    };
  },
  table: ({ confidence, accuracy, count }) => ({ bin: count.map((_, i) => i + 1), confidence, accuracy, rows: count }),
});
