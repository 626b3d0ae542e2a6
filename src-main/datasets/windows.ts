/** @file Sliding windows over series: what a model of sequences sees of the past, and the value that it is to foretell. */
import { WorkbenchError } from '../contract/errors';
import type { RawPart } from './dataset';

export interface Windowing {
  /** Steps of the past in one row. */
  readonly window: number;
  /** Steps between the last one seen and the target; 1 is the next value. */
  readonly horizon: number;
  /** Steps between the starts of two rows. From window + horizon on, rows share no values. */
  readonly stride: number;
}

/**
 * Rows of windows from the series, in order of time. Shapes: series [channels][steps], target [steps] → x [rows × window × channels], y [rows].
 *
 * @throws WorkbenchError `invalid-file` if not even one window fits.
 */
export function slidingWindows(series: readonly ArrayLike<number>[], target: ArrayLike<number>, { window, horizon, stride }: Windowing): RawPart {
  const rows = Math.floor((target.length - window - horizon) / stride) + 1;
  if (rows < 1)
    throw new WorkbenchError(
      'invalid-file',
      `The series has ${target.length} steps, and a window of ${window} with a horizon of ${horizon} needs ${window + horizon}; choose a shorter window`,
    );
  const channels = series.length;
  const x = new Float32Array(rows * window * channels);
  const y = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    for (let t = 0; t < window; t++) series.forEach((values, c) => (x[(row * window + t) * channels + c] = values[row * stride + t]!));
    y[row] = target[row * stride + window - 1 + horizon]!;
  }
  return { rows, x, y };
}
