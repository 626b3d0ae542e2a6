/** @file Means over the test part, with their spread, against what is done to the images. */
import { defineChart } from './define-chart';
import type { Axis, Mark } from './figure';
import type { Role } from './palette';

export interface ResponseCurve {
  readonly x: readonly number[];
  readonly xLabel: string;
  readonly xUnit?: string;
  readonly yLabel: string;
  readonly yUnit?: string;
  readonly yDomain?: readonly [number, number];
  /** `sd`: standard deviation over the images, drawn as a band; absent = no band. */
  readonly series: readonly { readonly name: string; readonly role: Role; readonly mean: readonly number[]; readonly sd?: readonly number[] }[];
}

const axis = (label: string, unit?: string): Axis => ({ label, ...(unit && { unit }) });

export const responseCurve = defineChart<ResponseCurve>({
  id: 'response-curve',
  title: 'Response of the test part',
  figure({ x, xLabel, xUnit, yLabel, yUnit, yDomain, series }) {
    const clipped = (value: number) => (yDomain ? Math.min(yDomain[1], Math.max(yDomain[0], value)) : Math.max(0, value));
    return {
      x: axis(xLabel, xUnit),
      y: { ...axis(yLabel, yUnit), zero: true, ...(yDomain && { domain: yDomain }) },
      names: 'top',
      marks: [
        ...series.flatMap(({ role, mean, sd }): Mark[] =>
          sd
            ? [
                {
                  type: 'band',
                  role,
                  x,
                  low: mean.map((value, i) => clipped(value - sd[i]!)),
                  high: mean.map((value, i) => clipped(value + sd[i]!)),
                  opacity: 0.14,
                },
              ]
            : [],
        ),
        ...series.map(({ name, role, mean, sd }): Mark => ({
          type: 'line',
          role,
          name,
          x,
          y: mean,
          hover: (i) => `${name} at ${x[i]}: ${mean[i]!.toFixed(3)}${sd ? ` ± ${sd[i]!.toFixed(3)}` : ''}`,
        })),
      ],
      ...(series.some(({ sd }) => sd) && { caption: 'Bands: ± 1 standard deviation over the images.' }),
    };
  },
  table: ({ x, xLabel, series }) => ({
    [xLabel]: x,
    ...Object.fromEntries(series.flatMap(({ name, mean, sd }) => [[name, mean] as const, ...(sd ? [[`${name} sd`, sd] as const] : [])])),
  }),
});
