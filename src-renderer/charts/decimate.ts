/** @file Fewer points, same picture. */
import type { Values } from './figure';

export interface Polyline {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/**
 * At most four points for each of `columns` equal slices of [low, high]: the first, lowest, highest and last, in order,
 * so that the drawn line covers exactly the pixels that all points would. `x` ascends; NaN in `y` is kept as one gap a slice.
 * One point outside either end stays, so that lines run to the frame.
 */
export function decimate(x: Values, y: Values, low: number, high: number, columns: number): Polyline {
  const from = Math.max(0, lowerBound(x, low) - 1);
  const to = Math.min(x.length, lowerBound(x, high, true) + 1);
  if (to - from <= 4 * columns) return { x: Float64Array.from(slice(x, from, to)), y: Float64Array.from(slice(y, from, to)) };

  const kept: number[] = [];
  const width = (high - low) / columns;
  for (let start = from; start < to;) {
    const edge = low + (Math.floor((x[start]! - low) / width) + 1) * width;
    let [end, least, most, gap] = [start, -1, -1, -1];
    for (; end < to && (x[end]! < edge || end === start); end++) {
      const value = y[end]!;
      if (Number.isNaN(value)) gap = end;
      else {
        if (least < 0 || value < y[least]!) least = end;
        if (most < 0 || value > y[most]!) most = end;
      }
    }
    for (const i of [start, Math.min(least, most), Math.max(least, most), gap, end - 1].sort((a, b) => a - b)) if (i > (kept.at(-1) ?? -1)) kept.push(i);
    start = end;
  }
  return { x: Float64Array.from(kept, (i) => x[i]!), y: Float64Array.from(kept, (i) => y[i]!) };
}

/** First index whose x is ≥ value (> value when `after`); x ascends. */
export function lowerBound(x: Values, value: number, after = false): number {
  let [low, high] = [0, x.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (after ? x[middle]! <= value : x[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function* slice(values: Values, from: number, to: number): Generator<number> {
  for (let i = from; i < to; i++) yield values[i]!;
}
