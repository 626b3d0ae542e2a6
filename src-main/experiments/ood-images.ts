/** @file Rows that a model has not been trained for: another dataset, or images made here. */
import { WorkbenchError } from '../contract/errors';
import type { PreparedDataset } from '../datasets/dataset';
import { philox } from '../engine/numerics/philox';
import type { ExperimentContext } from './experiment';

export interface UnseenRows {
  readonly title: string;
  readonly rows: number;
  /** The dataset whose test rows they are; null: made here. */
  readonly dataset: string | null;
  /** [rows × features], scaled like the data that the model was trained on. */
  readonly x: Float32Array;
}

/** Images made here: pixel `pixel` of image `row`, in 0–255. */
const made: Readonly<Record<string, { readonly title: string; pixels(rows: number, width: number, seed: number): Uint8Array }>> = {
  noise: {
    title: 'Noise',
    pixels(rows, width, seed) {
      const bytes = new Uint32Array(4 * Math.ceil((rows * width) / 16));
      const block = new Uint32Array(4);
      for (let i = 0; i < bytes.length; i += 4) {
        philox(block, i / 4, 0, 0, 0, seed, 0);
        bytes.set(block, i);
      }
      return new Uint8Array(bytes.buffer, 0, rows * width);
    },
  },
  blank: {
    title: 'Blank images, black to white',
    pixels(rows, width) {
      const bytes = new Uint8Array(rows * width);
      for (let row = 0; row < rows; row++) bytes.fill(Math.round((255 * row) / Math.max(1, rows - 1)), row * width, (row + 1) * width);
      return bytes;
    },
  },
};

/**
 * The test rows of the dataset `id`, or generated `noise` or `blank` images, as `dataset`'s model would be given them; at most `limit` rows.
 *
 * @throws WorkbenchError `shape-mismatch` if the rows do not fit the model; `invalid-spec` if there are none; what loading throws
 */
export async function loadUnseen(
  { loadDataset }: Pick<ExperimentContext, 'loadDataset'>,
  dataset: PreparedDataset,
  { id, limit, seed }: { readonly id: string; readonly limit: number; readonly seed: number },
): Promise<UnseenRows> {
  const width = dataset.inputShape.reduce((product, size) => product * size, 1);
  const generator = Object.hasOwn(made, id) ? made[id] : undefined;
  if (generator) {
    if (!dataset.imageShape) throw new WorkbenchError('unsupported', `${generator.title} are images, but ${dataset.title} are not; choose another dataset`);
    const rows = Math.min(limit, dataset.test.rows);
    const { xMean, xSd } = dataset.scaling;
    const pixels = generator.pixels(rows, width, seed);
    const x = new Float32Array(pixels); // not Float32Array.from with a map: a second for ten thousand images
    for (let i = 0; i < x.length; i++) x[i] = (x[i]! - xMean[i % xMean.length]!) / xSd[i % xSd.length]!;
    return { title: generator.title, rows, dataset: null, x };
  }
  const other = await loadDataset(id, dataset.scaling);
  if (other.inputShape.join() !== dataset.inputShape.join())
    throw new WorkbenchError(
      'shape-mismatch',
      `The rows of ${other.title} have shape ${other.inputShape.join(' × ')}, but the model takes ${dataset.inputShape.join(' × ')}; choose data of that shape`,
    );
  if (other.test.rows === 0) throw new WorkbenchError('invalid-spec', `${other.title} has no test rows; choose another dataset`);
  const rows = Math.min(limit, other.test.rows);
  return { title: other.title, rows, dataset: id, x: other.test.x.subarray(0, rows * width) };
}
