/** @file What a model is fed with: a dataset split, standardised and in float32. */
import type { Part } from '../contract/dataset';
import { WorkbenchError } from '../contract/errors';
import type { Component } from '../contract/spec';
import type { PreparedDataset, PreparedPart, RawPart } from './dataset';
import { columnStatistics, pixelScaling, pixelStatistics } from './normalisation';
import { imageShapeOf, kindOf, openDataset, type OpenContext, type OpenedDataset } from './open';
import { splitRows } from './split';

export interface LoadOptions extends OpenContext {
  /** Share of the training rows held out, in [0, 0.5]. */
  readonly validationFraction: number;
  /** Fixes the validation split. */
  readonly seed: number;
  /** The parts wanted; the others come back without rows. Default: all. */
  readonly parts?: readonly Part[];
  /** Instead of the dataset's own: data from elsewhere must be scaled like the data that a model was trained on. */
  readonly scaling?: PreparedDataset['scaling'];
}

type Scaling = PreparedDataset['scaling'];
const noRows: PreparedPart = { rows: 0, x: new Float32Array(0), y: new Int32Array(0) };
const allRows = (part: RawPart) => Uint32Array.from({ length: part.rows }, (_, row) => row);
const take = (values: RawPart['x'] | RawPart['y'], rows: Uint32Array, width: number): Float32Array => {
  const taken = new Float32Array(rows.length * width);
  rows.forEach((row, i) => taken.set(values.subarray(row * width, (row + 1) * width), i * width));
  return taken;
};

/** From the rows that the model trains on, and no others; where nothing can be trained, from the test part. */
function scalingOf({ raw, normalisation, task, inputShape, codes = [] }: OpenedDataset, trainRows: Uint32Array): Scaling {
  const [train, rows] = raw.train.rows > 0 ? [raw.train, trainRows] : [raw.test, allRows(raw.test)];
  if (normalisation) {
    const { mean, sd } = pixelScaling(normalisation, () => pixelStatistics(train.x as Uint8Array, rows, train.x.length / train.rows));
    return { xMean: [mean], xSd: [sd], yMean: 0, ySd: 1 };
  }
  const features = train.x.length / train.rows;
  const isCode = (column: number) => codes.includes(column % inputShape.at(-1)!); // at every step of a sequence
  const columns = Array.from({ length: features }, (_, column) => (isCode(column) ? { mean: 0, sd: 1 } : columnStatistics(train.x, rows, features, column)));
  const target = task === 'regression' ? columnStatistics(train.y, rows, 1, 0) : { mean: 0, sd: 1 };
  return { xMean: columns.map(({ mean }) => mean), xSd: columns.map(({ sd }) => sd), yMean: target.mean, ySd: target.sd };
}

/** Gathers and standardises in one pass; a table of 256 values serves pixels. */
function preparePart({ raw, normalisation, task }: OpenedDataset, part: RawPart, rows: Uint32Array, { xMean, xSd, yMean, ySd }: Scaling): PreparedPart {
  const width = part.rows > 0 ? part.x.length / part.rows : raw.test.x.length / raw.test.rows;
  let x: Float32Array;
  if (normalisation) {
    const standardised = Float32Array.from({ length: 256 }, (_, pixel) => (pixel - xMean[0]!) / xSd[0]!);
    x = new Float32Array(rows.length * width);
    let to = 0;
    for (const row of rows) {
      for (let from = row * width; from < (row + 1) * width; from++) x[to++] = standardised[part.x[from]!]!;
    }
  } else {
    // A missing value becomes 0: the mean of the training part.
    x = take(part.x, rows, width).map((value, i) => (Number.isNaN(value) ? 0 : (value - xMean[i % width]!) / xSd[i % width]!));
  }
  const y = task === 'regression' ? Float32Array.from(rows, (row) => (part.y[row]! - yMean) / ySd) : Int32Array.from(rows, (row) => part.y[row]!);
  return { rows: rows.length, x, y };
}

/**
 * Opens (downloads, where that is needed and possible), splits and standardises a dataset. Everything is a pure function of the data, settings, fraction and seed.
 *
 * @throws WorkbenchError `unsupported` if training rows are asked for and there are none; and what `prepare` and `openDataset` throw.
 */
export async function loadDataset(component: Component, options: LoadOptions): Promise<PreparedDataset> {
  const { validationFraction, seed, folder, parts = ['train', 'validation', 'test'] } = options;
  const kind = kindOf(component.id, options.imported);
  if (kind && !(await kind.stored(folder))) await kind.prepare(options);
  const opened = await openDataset(component, options);
  const { raw, task } = opened;
  if (raw.train.rows === 0 && parts.includes('train'))
    throw new WorkbenchError(
      'unsupported',
      `${opened.title} has no training images here, only ${raw.test.rows} test images: it serves as out-of-distribution data; train on another dataset`,
    );
  const split = splitRows(raw.train.rows, validationFraction, seed);
  if (split.train.length === 0 && parts.includes('train'))
    throw new WorkbenchError(
      'invalid-spec',
      `A validation share of ${validationFraction} leaves none of the ${raw.train.rows} training rows; choose a smaller one`,
    );

  const scaling = options.scaling ?? scalingOf(opened, split.train);
  const prepare = (name: Part, part: RawPart, rows: () => Uint32Array) => (parts.includes(name) ? preparePart(opened, part, rows(), scaling) : noRows);
  const seen = (): RawPart => ({
    rows: split.train.length,
    x: take(raw.train.x, split.train, raw.train.x.length / raw.train.rows),
    y: take(raw.train.y, split.train, 1),
  });
  return {
    id: opened.id,
    title: opened.title,
    task: { kind: task, outputs: task === 'classification' ? opened.classes.length : 1 },
    inputShape: opened.inputShape,
    imageShape: imageShapeOf(opened.inputShape),
    classes: opened.classes,
    target: opened.target,
    train: prepare('train', raw.train, () => split.train),
    validation: prepare('validation', raw.train, () => split.validation),
    test: prepare('test', raw.test, () => allRows(raw.test)),
    raw,
    scaling,
    hash: raw.hash,
    exactPredictive: opened.exactPredictive?.(seen()) ?? null,
  };
}
