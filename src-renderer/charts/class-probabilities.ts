/** @file What the posterior says of one image: mean class probabilities, and how the draws vote. */
import { defineChart } from './define-chart';

export interface ClassProbabilities {
  readonly classes: readonly string[];
  /** [classes], mean over draws. */
  readonly probabilities: readonly number[];
  /** [classes], draws whose arg-max is the class. */
  readonly votes: readonly number[];
  /** Index of the true class; null where there is none, as for a drawing. */
  readonly label: number | null;
}

export const classProbabilities = defineChart<ClassProbabilities>({
  id: 'class-probabilities',
  title: 'Class probabilities',
  figure({ classes, probabilities, votes, label }) {
    const draws = votes.reduce((sum, value) => sum + value, 0);
    const x = classes.map((_, i) => i);
    const predicted = probabilities.indexOf(Math.max(...probabilities));
    const describe = (i: number) => `${classes[i]}: probability ${probabilities[i]!.toFixed(3)}, ${votes[i]} of ${draws} votes`;
    return {
      x: { label: 'Class', domain: [-0.6, classes.length - 0.4], ticks: classes.map((text, value) => ({ value, text })) },
      y: { label: 'Probability', domain: [0, 1] },
      names: 'top',
      marks: [
        {
          type: 'bars',
          role: 'muted',
          name: 'mean probability',
          x,
          y: probabilities,
          width: 0.7,
          roleOf: (i) => (i === (label ?? predicted) ? 'right' : i === predicted ? 'wrong' : 'muted'),
          hover: describe,
        },
        {
          type: 'points',
          role: 'ink',
          name: `share of ${draws} votes`,
          x,
          y: votes.map((value) => value / Math.max(1, draws)),
          radius: 4,
          hollow: true,
          hover: describe,
        },
      ],
      caption:
        label === null
          ? `Blue: predicted, ${classes[predicted]}.`
          : label === predicted
            ? `Blue: the true class, ${classes[label]}, also predicted.`
            : `Blue: the true class, ${classes[label]}; orange: predicted, ${classes[predicted]}.`,
    };
  },
  table: ({ classes, probabilities, votes }) => ({ class: classes, probability: probabilities, votes }),
});
