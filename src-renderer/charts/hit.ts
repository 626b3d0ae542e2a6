/** @file What stands under the pointer. */
import { lowerBound } from './decimate';
import type { Figure, Mark } from './figure';
import type { Layout } from './scene';
import { formatExact } from './scale';

export interface Reading {
  /** Index of the mark in the figure, and of the entry in the mark. */
  readonly mark: number;
  readonly index: number;
  readonly x: number; // px
  readonly y: number; // px
  readonly text: string;
  readonly color: string;
}

const reach = 24; // px

/** Entries that the reader means: of lines, one each at the nearest x, in the figure's order; before them the nearest entry of everything else. */
export function readingsAt(figure: Figure, layout: Layout, px: number, py: number): Reading[] {
  const { plot } = layout;
  if (px < plot.left - 4 || px > plot.right + 4 || py < plot.top - 4 || py > plot.bottom + 4) return [];
  const candidates = figure.marks.flatMap((mark, m) => {
    const index = nearestIndex(mark, layout, px, py);
    return index === null ? [] : [reading(figure, layout, mark, m, index)];
  });
  // Lines come last: Infinity − Infinity is NaN, which falls through to their order.
  const distance = (r: Reading) => (figure.marks[r.mark]!.type === 'line' ? Infinity : Math.hypot(r.x - px, r.y - py));
  return candidates
    .filter((r) => Number.isFinite(r.x) && Number.isFinite(r.y) && r.x >= plot.left - 1 && r.x <= plot.right + 1)
    .sort((a, b) => distance(a) - distance(b) || a.mark - b.mark)
    .slice(0, 8);
}

/** What a click means: the entry under the pointer, else of all lines the one nearest in height. */
export function meantBy(figure: Figure, readings: readonly Reading[], py: number): Reading | undefined {
  const [first] = readings;
  if (!first || figure.marks[first.mark]!.type !== 'line') return first;
  return readings.reduce((best, reading) => (Math.abs(reading.y - py) < Math.abs(best.y - py) ? reading : best), first);
}

function nearestIndex(mark: Mark, layout: Layout, px: number, py: number): number | null {
  const { at: x, invert } = layout.x.scale;
  const { at: y, log, domain } = layout.y.scale;
  const value = invert(px);
  switch (mark.type) {
    case 'line': {
      if (mark.faint || mark.x.length === 0 || !(mark.name ?? mark.hover)) return null;
      const after = lowerBound(mark.x, value);
      const [low, high] = [Math.max(0, after - 1), Math.min(mark.x.length - 1, after)];
      return value - mark.x[low]! < mark.x[high]! - value ? low : high;
    }
    case 'bars': {
      for (let i = 0; i < mark.x.length; i++) {
        const top = y(log && !(mark.y[i]! > 0) ? domain[0] : mark.y[i]!);
        if (Math.abs(mark.x[i]! - value) <= mark.width / 2 && py >= top - reach) return i;
      }
      return null;
    }
    case 'cells': {
      const row = layout.y.scale.invert(py);
      for (let i = 0; i < mark.x.length; i++) if (Math.abs(mark.x[i]! - value) <= 0.5 && Math.abs(mark.y[i]! - row) <= 0.5) return i;
      return null;
    }
    case 'points': {
      let [best, least] = [-1, reach];
      for (let i = 0; i < mark.x.length; i++) {
        const distance = Math.hypot(x(mark.x[i]!) - px, y(mark.y[i]!) - py);
        if (distance < least) [best, least] = [i, distance];
      }
      return best < 0 ? null : best;
    }
    case 'band':
    case 'texts':
      return null;
  }
}

function reading(figure: Figure, layout: Layout, mark: Mark, m: number, index: number): Reading {
  const value = mark.type === 'band' ? NaN : mark.y[index]!;
  const text = mark.hover?.(index) ?? `${mark.name ?? figure.y.label} ${formatExact(value)} at ${figure.x.label.toLowerCase()} ${formatExact(mark.x[index]!)}`;
  return { mark: m, index, x: layout.x.scale.at(mark.x[index]!), y: layout.y.scale.at(value), text, color: layout.theme.roles[mark.role] };
}
