/** @file Confusion matrix: which class is taken for which. */
import { defineChart } from './define-chart';

export interface Confusion {
  readonly classes: readonly string[];
  /** Rows of the test part, [true][predicted]. */
  readonly counts: readonly (readonly number[])[];
}

/** Which cell entry `index` of the chart's first mark is. */
export const confusionCell = (classes: number, index: number): { label: number; predicted: number } => ({
  label: Math.floor(index / classes),
  predicted: index % classes,
});

export const confusionMatrix = defineChart<Confusion>({
  id: 'confusion-matrix',
  title: 'Confusion matrix',
  figure({ classes, counts }) {
    const n = classes.length;
    const cells = Array.from({ length: n * n }, (_, index) => {
      const { label, predicted } = confusionCell(n, index);
      const count = counts[label]![predicted]!;
      const share =
        count /
        Math.max(
          1,
          counts[label]!.reduce((sum, value) => sum + value, 0),
        );
      // Errors are rare where a network is any good: the root makes 1 in 1000 visible.
      const intensity = label === predicted ? 0.6 * share : count === 0 ? 0 : Math.min(0.9, 0.12 + 0.8 * share ** 0.5);
      return { label, predicted, count, share, intensity, right: label === predicted };
    });
    const roleOf = (i: number) => (cells[i]!.right ? 'right' : 'wrong');
    const x = cells.map(({ predicted }) => predicted);
    const y = cells.map(({ label }) => n - 1 - label); // first class on top
    return {
      x: { label: 'Predicted', domain: [-0.5, n - 0.5], ticks: classes.map((text, value) => ({ value, text })) },
      y: { label: 'True', domain: [-0.5, n - 0.5], ticks: classes.map((text, i) => ({ value: n - 1 - i, text })) },
      marks: [
        {
          type: 'cells',
          role: 'right',
          x,
          y,
          intensity: cells.map(({ intensity }) => intensity),
          roleOf,
          hover: (i) => {
            const { label, predicted, count, share } = cells[i]!;
            return `true ${classes[label]}, predicted ${classes[predicted]}: ${count} rows, ${(100 * share).toFixed(1)} % of ${classes[label]}`;
          },
        },
        {
          type: 'texts',
          role: 'ink',
          x,
          y,
          text: cells.map(({ count }) => (count ? String(count) : '')),
          on: (i) => ({ role: roleOf(i), intensity: cells[i]!.intensity }),
        },
      ],
      caption: 'Rows of the test part; blue: right, orange: wrong, stronger for a larger share of the true class.',
    };
  },
  table: ({ classes, counts }) => ({ true: classes, ...Object.fromEntries(classes.map((name, j) => [`predicted ${name}`, counts.map((row) => row[j]!)])) }),
});
