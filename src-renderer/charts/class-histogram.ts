/** @file How many rows each class has. */
import { defineChart } from './define-chart';

export interface ClassCounts {
  readonly classes: readonly string[];
  readonly count: readonly number[];
}

export const classHistogram = defineChart<ClassCounts>({
  id: 'class-histogram',
  title: 'Rows per class',
  figure: ({ classes, count }) => ({
    x: { label: 'Class', domain: [-0.6, classes.length - 0.4], ticks: classes.map((text, value) => ({ value, text })) },
    y: { label: 'Rows', whole: true, zero: true },
    marks: [{ type: 'bars', role: 'accent', x: classes.map((_, i) => i), y: count, width: 0.72, hover: (i) => `${classes[i]}: ${count[i]} rows` }],
  }),
  table: ({ classes, count }) => ({ class: classes, rows: count }),
});
