/** @file How uncertain the network is over the test part, decomposed. */
import { defineChart } from './define-chart';
import type { Mark } from './figure';

/** In the order of the marks, two of each: an area and its outline. */
export const uncertaintyParts = ['total', 'aleatoric', 'epistemic'] as const;

/** Rows per bin; `edges` [bins + 1] in nats. */
export interface UncertaintyCounts extends Readonly<Record<(typeof uncertaintyParts)[number], readonly number[]>> {
  readonly edges: readonly number[];
}

/** Corners of the outline of a histogram. */
export const histogramOutline = (edges: readonly number[], count: readonly number[]) => ({
  x: [edges[0]!, ...count.flatMap((_, i) => [edges[i]!, edges[i + 1]!]), edges.at(-1)!],
  y: [0, ...count.flatMap((rows) => [rows, rows]), 0],
});

/** The bin that a corner of the outline belongs to. */
export const outlineBin = (corner: number, bins: number): number => Math.min(bins - 1, Math.max(0, (corner - 1) >> 1));

export const uncertaintyHistogram = defineChart<UncertaintyCounts>({
  id: 'uncertainty-histogram',
  title: 'Uncertainty of the test part',
  figure: ({ edges, ...counts }) => ({
    x: { label: 'Uncertainty', unit: 'nats', zero: true },
    y: { label: 'Rows', zero: true, log: true, logAllowed: true },
    names: 'top',
    marks: uncertaintyParts.flatMap((part): Mark[] => {
      const { x, y } = histogramOutline(edges, counts[part]);
      const bin = (i: number) => outlineBin(i, counts[part].length);
      const hover = (i: number) => `${part}: ${counts[part][bin(i)]} rows in ${edges[bin(i)]!.toFixed(2)}–${edges[bin(i) + 1]!.toFixed(2)} nats`;
      return [
        { type: 'band', role: part, x, low: y.map(() => 0), high: y, opacity: 0.1 },
        { type: 'line', role: part, name: part, x, y, floored: true, hover },
      ];
    }),
    caption: 'Entropy of the mean prediction (total) = mean entropy over draws (aleatoric) + mutual information (epistemic).',
  }),
  table: ({ edges, total, aleatoric, epistemic }) => ({ from: edges.slice(0, -1), to: edges.slice(1), total, aleatoric, epistemic }),
});
