/** @file A look into a dataset: some rows, the classes of a whole part, the statistics of the training rows. */
import type { DatasetPreview, Part } from '../contract/dataset';
import { WorkbenchError } from '../contract/errors';
import { Training, type Component } from '../contract/spec';
import type { RawPart } from './dataset';
import { pixelStatistics } from './normalisation';
import { imageShapeOf, openDataset, type OpenContext } from './open';
import { splitRows } from './split';

export interface PreviewOptions extends OpenContext {
  readonly part: Part;
  readonly offset: number;
  readonly rows: number;
  /** These rows of the part instead of a range. */
  readonly only?: readonly number[] | undefined;
}

/** Rows of each class among those given. */
export function countClasses(labels: ArrayLike<number>, rows: Uint32Array, classes: readonly string[]): DatasetPreview['histogram'] {
  const counts = classes.map(() => 0);
  for (const row of rows) counts[labels[row]!]!++;
  return classes.map((label, i) => ({ label, count: counts[i]! }));
}

/** Mean and sd of pixel/255. */
export function imageStatistics(pixels: Uint8Array, rows: Uint32Array, size: number): { mean: number; sd: number } {
  const { mean, sd } = pixelStatistics(pixels, rows, size);
  return { mean: mean / 255, sd: sd / 255 };
}

/** Points to draw: all of a table of one feature, else none. Raw units. */
function pointsOf({ x, y }: RawPart, rows: Uint32Array): NonNullable<DatasetPreview['points']> {
  return { x: Float64Array.from(rows, (row) => x[row]!), y: Float64Array.from(rows, (row) => y[row]!) };
}

/** Columns that a look shows. */
const shownFeatures = 60;

/** The rows as they are, features before the target; classes by their index. */
function tableCells({ x, y, rows }: RawPart, shown: Uint32Array): (number | null)[][] {
  const width = x.length / rows;
  return Array.from(shown, (row) =>
    [...x.subarray(row * width, row * width + Math.min(width, shownFeatures)), y[row]!].map((value) => (Number.isNaN(value) ? null : value)),
  );
}

/** The validation rows are those of a run with default settings. @throws as `openDataset`; it downloads nothing. */
export async function previewDataset(component: Component, options: PreviewOptions): Promise<DatasetPreview> {
  const { part, offset, rows: wanted, only } = options;
  const { validationFraction, seed } = Training.parse({});
  const { title, raw, task, inputShape, classes, features, target } = await openDataset(component, options);
  const split = splitRows(raw.train.rows, validationFraction, seed);
  const whole = part === 'test' ? raw.test : raw.train;
  const rows = part === 'test' ? Uint32Array.from({ length: raw.test.rows }, (_, row) => row) : split[part];
  const missing = only?.find((row) => row >= rows.length);
  if (missing !== undefined) throw new WorkbenchError('not-found', `${title} has ${rows.length} ${part} rows; there is no row ${missing}`);
  const shown = only ? Uint32Array.from(only, (row) => rows[row]!) : rows.slice(offset, offset + wanted);
  const imageShape = imageShapeOf(inputShape);
  const size = inputShape.reduce((product, n) => product * n, 1);
  const images = imageShape ? (whole.x as Uint8Array) : null;
  return {
    rows: rows.length,
    imageShape,
    pixels: images ? Uint8Array.from({ length: shown.length * size }, (_, i) => images[shown[Math.floor(i / size)]! * size + (i % size)]!) : null,
    labels: task === 'classification' ? Array.from(shown, (row) => whole.y[row]!) : [],
    histogram: task === 'classification' ? countClasses(whole.y, rows, classes) : [],
    table: features ? { columns: [...features.slice(0, shownFeatures), target.name], cells: tableCells(whole, shown) } : null,
    points: task === 'regression' && size === 1 ? pointsOf(whole, rows) : null,
    statistics: images && split.train.length > 0 ? imageStatistics(raw.train.x as Uint8Array, split.train, size) : null,
  };
}
