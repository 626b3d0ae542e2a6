/** @file Class probabilities of one image as it turns. */
import { defineChart } from './define-chart';
import type { Mark } from './figure';
import type { Role } from './palette';

export interface RotatedClasses {
  readonly classes: readonly string[];
  /** Degrees. */
  readonly angles: readonly number[];
  /** [angles][classes] */
  readonly probabilities: readonly (readonly number[])[];
  /** Index of the true class. */
  readonly label: number;
}

/** A class that never reaches this is drawn, but not named. */
const worthNaming = 0.1;
const hues = 7;
const roleOf = (k: number) => `series-${(k % hues) + 1}` as Role;

export const rotatedClasses = defineChart<RotatedClasses>({
  id: 'rotated-classes',
  title: 'Class probabilities as the image turns',
  figure({ classes, angles, probabilities, label }) {
    const predicted = probabilities.map((row) => row.indexOf(Math.max(...row)));
    const describe = (i: number, k: number) => `${angles[i]}°: ${classes[k]} with probability ${probabilities[i]![k]!.toFixed(3)}`;
    return {
      x: { label: 'Rotation', unit: '°' },
      y: { label: 'Probability', domain: [0, 1] },
      names: 'top',
      marks: [
        ...classes.map((name, k): Mark => {
          const y = probabilities.map((row) => row[k]!);
          const named = k === label || Math.max(...y) >= worthNaming;
          return { type: 'line', role: roleOf(k), x: angles, y, dashed: k >= hues, hover: (i) => describe(i, k), ...(named && { name }) };
        }),
        ...classes.flatMap((_, k): Mark[] => {
          const at = [...predicted.keys()].filter((i) => predicted[i] === k);
          const y = at.map((i) => probabilities[i]![k]!);
          return at.length > 0
            ? [{ type: 'points', role: roleOf(k), x: at.map((i) => angles[i]!), y, radius: 4, hover: (i) => `predicted at ${describe(at[i]!, k)}` }]
            : [];
        }),
      ],
      caption: `Dots: the predicted class at each angle. The true class is ${classes[label]}.`,
    };
  },
  table: ({ classes, angles, probabilities }) => ({
    degrees: angles,
    ...Object.fromEntries(classes.map((name, k) => [name, probabilities.map((row) => row[k]!)])),
  }),
});
