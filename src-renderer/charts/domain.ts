/** @file Which stretch of an axis a figure shows. */
import type { Axis, Figure, Mark, Values } from './figure';
import { niceStep } from './scale';

type Extent = readonly [number, number];

const columns = (mark: Mark, axis: 'x' | 'y'): readonly Values[] => {
  if (axis === 'y' && mark.type === 'band') return [mark.low, mark.high];
  // The x of a line ascends: its ends are its extremes, however long it is.
  if (axis === 'x' && mark.type === 'line') return [[mark.x[0] ?? NaN, mark.x[mark.x.length - 1] ?? NaN]];
  return [mark[axis as 'x']];
};

function extent(figure: Figure, axis: 'x' | 'y', log: boolean): Extent | null {
  let [low, high] = [Infinity, -Infinity];
  for (const mark of figure.marks) {
    const reach = axis === 'x' && mark.type === 'bars' ? mark.width / 2 : mark.type === 'cells' ? 0.5 : 0;
    for (const values of columns(mark, axis))
      for (let i = 0; i < values.length; i++) {
        const value = values[i]!;
        if (!Number.isFinite(value) || (log && value <= 0)) continue;
        if (value - reach < low) low = value - reach;
        if (value + reach > high) high = value + reach;
      }
  }
  return low <= high ? [low, high] : null;
}

/** Domain of one axis; `null` when a figure has nothing to show on it. */
export function axisDomain(figure: Figure, which: 'x' | 'y', log: boolean): Extent | null {
  const axis: Axis = figure[which];
  const data = extent(figure, which, log);
  if (!data) return null;
  if (axis.domain) return log ? [Math.max(axis.domain[0], data[0]), axis.domain[1]] : axis.domain;
  const [least, most] = axis.limit ?? [-Infinity, Infinity];
  let [low, high] = [Math.max(data[0], least), Math.min(data[1], most)];
  const anchored = axis.zero || (which === 'y' && figure.marks.some((mark) => mark.type === 'bars'));
  if (log) {
    const room = which === 'y' ? Math.max(0.04 * Math.log10(high / low), high === low ? 0.3 : 0) : 0;
    return [low / 10 ** room, high * 10 ** room];
  }
  if (anchored) [low, high] = [Math.min(low, 0), Math.max(high, 0)];
  if (low === high) [low, high] = low === 0 ? [0, 1] : [low - Math.abs(low) * 0.1, high + Math.abs(high) * 0.1];
  if (axis.padding) return [low - axis.padding * (high - low), high + axis.padding * (high - low)];
  if (which === 'x') return [low, high];
  const step = niceStep(high - low, 5); // y ends at ticks: the frame itself can be read
  return [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
}
