/** @file Which rows stand behind a point of a plot. */
import type { ClassificationEvaluation } from '../../../src-main/contract/experiment';
import type { SeenSet } from '../../../src-main/contract/ood-detection';
import { keptRows } from '../../charts/rejection-curve';
import { reliabilityBin } from '../../charts/reliability-diagram';
import { outlineBin, uncertaintyParts } from '../../charts/uncertainty-histogram';
import { sentence } from '../../components/schema-fields';

export interface PickedRows {
  readonly title: string;
  /** Of the test part. */
  readonly rows: readonly number[];
  /** Absent: the run's own; null: images that are not kept. */
  readonly dataset?: string | null;
  /** Predicted class of each test row, where it is known. */
  readonly predicted?: readonly number[];
}

/** From what the reader clicked to its rows; undefined where none stand behind it. */
export type RowsAt = (index: number, mark: number) => PickedRows | undefined;

const shown = 24;
const range = (edges: readonly number[], bin: number) => `${edges[bin]!.toFixed(2)}–${edges[bin + 1]!.toFixed(2)} nats`;
/** Bands and their outlines take turns in a figure. */
const outlined = (mark: number) => Math.floor(mark / 2);

/** Rows of one bin of one part of the uncertainty. */
export const histogramRows =
  ({ histogram: { edges }, perRow }: ClassificationEvaluation): RowsAt =>
  (index, mark) => {
    const part = uncertaintyParts[outlined(mark)];
    if (!part) return undefined;
    const bins = edges.length - 1;
    const bin = outlineBin(index, bins);
    const value = (row: number) => (part === 'aleatoric' ? perRow.total[row]! - perRow.epistemic[row]! : perRow[part][row]!);
    const binOf = (row: number) => Math.min(bins - 1, Math.max(0, Math.floor((value(row) / edges.at(-1)!) * bins)));
    const rows = [...perRow.label.keys()].filter((row) => binOf(row) === bin).slice(0, shown);
    return { title: `${sentence(part)} uncertainty ${range(edges, bin)}`, rows, predicted: perRow.predicted };
  };

/** The least certain of the rows that are kept at a point of the rejection curve. */
export const rejectionRows =
  ({ perRow }: ClassificationEvaluation): RowsAt =>
  (index, mark) => {
    const part = (['total', 'epistemic'] as const)[mark];
    if (!part) return undefined;
    const kept = keptRows(perRow, perRow[part], index);
    const share = ((100 * kept.length) / perRow.label.length).toFixed(0);
    return { title: `The least certain of the ${share} % kept by ${part}`, rows: kept.slice(-shown).reverse(), predicted: perRow.predicted };
  };

/** Rows of one bin of confidence; undefined for results that kept none. */
export const confidenceRows = (count: readonly number[], examples: readonly (readonly number[])[] | undefined, bars: 'filled' | 'all'): RowsAt | undefined =>
  examples &&
  ((index, mark) => {
    const bin = bars === 'all' ? index : reliabilityBin(count, index, mark);
    if (bin === undefined) return undefined;
    const percent = (edge: number) => ((100 * edge) / count.length).toFixed(0);
    return { title: `Confidence ${percent(bin)}–${percent(bin + 1)} %`, rows: examples[bin]! };
  });

type Measure = 'total' | 'epistemic';
const ofSet = (set: SeenSet, measure: Measure, edges: readonly number[], bin: number): PickedRows => ({
  title: `${set.title}: ${measure} ${range(edges, bin)}`,
  rows: set[measure].examples?.[bin] ?? [],
  ...(set.dataset !== undefined && { dataset: set.dataset }),
});

/** Rows of one bin of one of the sets. */
export const shiftRows = (sets: readonly SeenSet[], measure: Measure, edges: readonly number[]): RowsAt | undefined =>
  sets.every((set) => set[measure].examples)
    ? (index, mark) => {
        const set = sets[outlined(mark)];
        return set && ofSet(set, measure, edges, outlineBin(index, edges.length - 1));
      }
    : undefined;

/** Rows whose uncertainty is about that of the point of a survival curve. `sets`: one for each curve. */
export const survivalRows = (
  sets: readonly { readonly set: SeenSet; readonly edges: readonly number[]; readonly grid: readonly number[] }[],
  measure: Measure,
): RowsAt | undefined =>
  sets.every(({ set }) => set[measure].examples)
    ? (index, mark) => {
        const curve = sets[mark];
        if (!curve) return undefined;
        const { set, edges, grid } = curve;
        const bins = edges.length - 1;
        return ofSet(set, measure, edges, Math.min(bins - 1, Math.floor((grid[index]! / edges.at(-1)!) * bins)));
      }
    : undefined;
