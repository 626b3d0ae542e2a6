/** @file A score of several methods over the splits of a cross-validation: mean ± standard error, beside the literature. */
import { defineChart } from './define-chart';
import type { Mark } from './figure';

export interface ScoreComparison {
  readonly score: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower' | 'none';
  readonly entries: readonly {
    readonly name: string;
    readonly mean: number;
    readonly se: number;
    /** Where it was published; absent = measured here. */
    readonly source?: string;
    /** The same on the training rows, where it is known. */
    readonly train?: { readonly mean: number; readonly se: number };
  }[];
}

/** Of training rows below their method’s line, in lines. */
const offset = 0.25;

const short = (mean: number, se: number): string => `${Number(mean.toPrecision(5))} ± ${Number(se.toPrecision(2))}`;
const hint = { higher: 'Further right is better. ', lower: 'Further left is better. ', none: '' };

export const scoreComparison = defineChart<ScoreComparison>({
  id: 'score-comparison',
  title: 'Score by method',
  figure({ score, unit, better, entries }) {
    const height = (i: number) => entries.length - 1 - i; // the first on top
    const describe = (i: number) => {
      const { name, mean, se, source, train } = entries[i]!;
      return `${name}: ${short(mean, se)}${source ? ` (${source})` : ''}${train ? `; training rows ${short(train.mean, train.se)}` : ''}`;
    };
    const role = ({ source }: ScoreComparison['entries'][number]) => (source ? 'muted' : 'accent');
    const dots = (published: boolean): Mark[] => {
      const at = [...entries.keys()].filter((i) => (entries[i]!.source !== undefined) === published);
      const mark = { x: at.map((i) => entries[i]!.mean), y: at.map(height), radius: 4.5, hover: (k: number) => describe(at[k]!) };
      return at.length > 0
        ? [{ type: 'points', role: published ? 'muted' : 'accent', name: published ? 'published' : 'measured here', hollow: published, ...mark }]
        : [];
    };
    const trained = [...entries.entries()].flatMap(([i, { train }]) => (train ? [{ i, ...train }] : []));
    const ofTraining = {
      x: trained.map(({ mean }) => mean),
      y: trained.map(({ i }) => height(i) - offset),
      radius: 3,
      hover: (k: number) => describe(trained[k]!.i),
    };
    return {
      x: { label: score, unit, padding: 0.06 },
      y: { label: '', domain: [-0.6, entries.length - 0.4], ticks: entries.map(({ name }, i) => ({ value: height(i), text: name })) },
      names: 'top',
      marks: [
        ...entries.map((entry, i): Mark => ({
          type: 'line',
          role: role(entry),
          x: [entry.mean - entry.se, entry.mean + entry.se],
          y: [height(i), height(i)],
          hover: () => describe(i),
        })),
        ...trained.map(({ i, mean, se }): Mark => ({
          type: 'line',
          role: 'train',
          x: [mean - se, mean + se],
          y: [height(i) - offset, height(i) - offset],
          hover: () => describe(i),
        })),
        ...dots(false),
        ...(trained.length > 0 ? [{ type: 'points', role: 'train', name: 'on training rows', ...ofTraining } as const] : []),
        ...dots(true),
      ],
      caption: `${hint[better]}Mean ± one standard error over the splits.`,
    };
  },
  table: ({ score, entries }) => ({
    method: entries.map(({ name }) => name),
    [score]: entries.map(({ mean }) => mean),
    'standard error': entries.map(({ se }) => se),
    source: entries.map(({ source }) => source ?? 'measured here'),
    ...(entries.some(({ train }) => train) && {
      'training rows': entries.map(({ train }) => train?.mean ?? ''),
      'standard error, training rows': entries.map(({ train }) => train?.se ?? ''),
    }),
  }),
});
