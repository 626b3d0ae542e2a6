/** @file The log density of a prior over one weight. */
import { defineChart } from './define-chart';

export interface PriorDensity {
  readonly w: readonly number[];
  /** nats */
  readonly logDensity: readonly number[];
}

export const priorDensity = defineChart<PriorDensity>({
  id: 'prior-density',
  title: 'Prior of one weight',
  figure: ({ w, logDensity }) => ({
    x: { label: 'Weight', unit: '' },
    y: { label: 'Log density', unit: 'nats' },
    marks: [
      { type: 'line', role: 'series-1', name: 'prior', x: w, y: logDensity, hover: (i) => `w ${w[i]!.toPrecision(3)}: ${logDensity[i]!.toFixed(2)} nats` },
    ],
    caption: 'The middle 98 % of the prior; scales of its own are integrated out.',
  }),
  table: ({ w, logDensity }) => ({ weight: w, nats: logDensity }),
});
