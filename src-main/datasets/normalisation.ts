/** @file From raw units to what a network is fed with. */
import type { z } from 'zod';
import { WorkbenchError } from '../contract/errors';
import { IdxImport } from '../contract/dataset';

export const Normalisation = IdxImport.shape.normalisation.unwrap();
export type Normalisation = z.infer<typeof Normalisation>;

/** The settings of every image dataset. */
export const imageSettings = (preferred: Normalisation) => ({
  normalisation: Normalisation.default(preferred).meta({
    title: 'Normalisation',
    description:
      'mnist: pixels in [0, 1] with mean 0.1307 and sd 0.3081 taken as those of MNIST. standardise: mean and sd of the training images. unit: pixels in [0, 1].',
  }),
});

export interface MeanAndSd {
  readonly mean: number;
  readonly sd: number;
}

/** Mean and population standard deviation of pixels (0–255) over the rows given. */
export function pixelStatistics(pixels: Uint8Array, rows: Uint32Array, size: number): MeanAndSd {
  const counts = new Float64Array(256);
  for (const row of rows) {
    for (let i = row * size; i < (row + 1) * size; i++) counts[pixels[i]!]!++;
  }
  const total = rows.length * size;
  const mean = counts.reduce((sum, count, value) => sum + count * value, 0) / total;
  const variance = counts.reduce((sum, count, value) => sum + count * (value - mean) ** 2, 0) / total;
  return { mean, sd: Math.sqrt(variance) };
}

/** Mean and sd by which raw pixels (0–255) are standardised. */
export function pixelScaling(normalisation: Normalisation, statistics: () => MeanAndSd): MeanAndSd {
  if (normalisation === 'unit') return { mean: 0, sd: 255 };
  if (normalisation === 'mnist') return { mean: 0.1307 * 255, sd: 0.3081 * 255 };
  const { mean, sd } = statistics();
  if (sd === 0) throw new WorkbenchError('invalid-file', `All pixels of the training images are ${mean}; there is nothing to learn from`);
  return { mean, sd };
}

/** Mean and population sd of a column of a table over the rows given, missing values (NaN) left out; a constant column gets sd 1. */
export function columnStatistics(values: ArrayLike<number>, rows: Uint32Array, columns: number, column: number): MeanAndSd {
  const present = rows.filter((row) => !Number.isNaN(values[row * columns + column]));
  if (present.length === 0) return { mean: 0, sd: 1 };
  let sum = 0;
  for (const row of present) sum += values[row * columns + column]!;
  const mean = sum / present.length;
  let squares = 0;
  for (const row of present) squares += (values[row * columns + column]! - mean) ** 2;
  return { mean, sd: Math.sqrt(squares / present.length) || 1 };
}
