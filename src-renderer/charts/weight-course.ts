/** @file How the weights of a layer spread while they are trained: bands between quantiles, over the checkpoints. */
import { courseQuantiles } from '../../src-main/contract/weights';
import { defineChart } from './define-chart';
import type { Mark, Values } from './figure';

export interface WeightCourse {
  /** Of the vertical axis. */
  readonly label: string;
  /** Steps done at each checkpoint, ascending. */
  readonly steps: Values;
  /** In the order of `courseQuantiles`, each [steps]. */
  readonly quantiles: readonly Values[];
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** Bands between the first and last, and the second and last but one; the middle one is a line. */
export const weightCourse = defineChart<WeightCourse>({
  id: 'weight-course',
  title: 'Weights over the training',
  figure({ label, steps, quantiles }) {
    const band = (i: number, opacity: number): Mark => {
      const [low, high] = [quantiles[i]!, quantiles.at(-1 - i)!];
      const name = `${percent(courseQuantiles[i]!)} to ${percent(courseQuantiles.at(-1 - i)!)}`;
      return { type: 'band', role: 'series-1', name, x: steps, low, high, opacity };
    };
    const middle = (courseQuantiles.length - 1) / 2;
    const median = quantiles[middle]!;
    return {
      x: { label: 'Step' },
      y: { label },
      names: 'top',
      marks: [
        band(0, 0.16),
        band(1, 0.3),
        { type: 'line', role: 'series-1', name: 'median', x: steps, y: median, hover: (i) => `median ${median[i]!.toPrecision(3)} at step ${steps[i]}` },
      ],
      caption: 'Bands hold the middle 90 % and 50 % of the weights of the layer.',
    };
  },
  table: ({ steps, quantiles }) => ({ step: steps, ...Object.fromEntries(courseQuantiles.map((q, i) => [percent(q), quantiles[i]!])) }),
});
