/** @file Names of marks: at the ends of the lines where four or fewer lines are all there is, else in rows above the plot. */
import type { Figure, Mark } from './figure';
import { dashOf, translucent, type Theme } from './palette';
import type { Scale } from './scale';
import type { LaidText, Layout, Swatch } from './scene';
import { textWidth } from './text';

interface Placement {
  readonly texts: readonly LaidText[];
  readonly swatches: readonly Swatch[];
}

export interface Names {
  readonly topRoom: number; // px
  readonly rightRoom: number; // px
  place(plot: Layout['plot'], x: Scale, y: Scale, top: number): Placement;
}

const size = 12;
const lineHeight = 16;
const swatchWidth = 18;
const rowHeight = 20;

export function layNames(figure: Figure, theme: Theme, width: number): Names {
  const named = figure.marks.filter((mark) => mark.name !== undefined);
  const atEnds = figure.names ? figure.names === 'end' : named.length <= 4 && named.every((mark) => mark.type === 'line');
  if (named.length === 0) return { topRoom: 0, rightRoom: 0, place: () => ({ texts: [], swatches: [] }) };
  return atEnds ? endNames(named, theme) : topNames(named, theme, width);
}

function endNames(named: readonly Mark[], theme: Theme): Names {
  return {
    topRoom: 0,
    rightRoom: Math.ceil(Math.max(...named.map(({ name }) => textWidth(name!, size)))) + 14,
    place(plot, x, y) {
      const ends = named.flatMap((mark) => {
        const at = mark.type === 'line' ? lastHeight(mark.x, mark.y, x.domain) : NaN;
        const height = y.at(at);
        return Number.isNaN(height) ? [] : [{ mark, y: Math.min(plot.bottom - 6, Math.max(plot.top + 4, height)) }];
      });
      spread(ends, plot.top + 4, plot.bottom - 6);
      const texts = ends.map(({ mark, y }): LaidText => ({ text: mark.name!, x: plot.right + 8, y, anchor: 'start', size, color: theme.roles[mark.role] }));
      return { texts, swatches: [] };
    },
  };
}

/** Height of a line where it leaves the shown domain. */
function lastHeight(x: ArrayLike<number>, y: ArrayLike<number>, [low, high]: readonly [number, number]): number {
  for (let i = x.length - 1; i >= 0; i--) if (x[i]! <= high && x[i]! >= low && Number.isFinite(y[i]!)) return y[i]!;
  return NaN;
}

/** Moves labels apart, keeping their order, without leaving [top, bottom]. */
function spread(labels: { y: number }[], top: number, bottom: number): void {
  labels.sort((a, b) => a.y - b.y);
  for (let i = 1; i < labels.length; i++) labels[i]!.y = Math.max(labels[i]!.y, labels[i - 1]!.y + lineHeight);
  let limit = bottom;
  for (let i = labels.length - 1; i >= 0; i--, limit -= lineHeight) labels[i]!.y = Math.max(top, Math.min(labels[i]!.y, limit));
}

function topNames(named: readonly Mark[], theme: Theme, width: number): Names {
  const start = 12;
  let [x, row] = [start, 0];
  const places = named.map((mark) => {
    const extent = swatchWidth + 6 + textWidth(mark.name!, size) + 14;
    if (x > start && x + extent > width) [x, row] = [start, row + 1];
    const place = { mark, x, row };
    x += extent;
    return place;
  });
  return {
    topRoom: (row + 1) * rowHeight + 4,
    rightRoom: 0,
    place: (_plot, _x, _y, top) => ({
      swatches: places.map(({ mark, x, row }) => swatch(mark, x, top + row * rowHeight + 6, theme)),
      texts: places.map(({ mark, x, row }): LaidText => ({
        text: mark.name!,
        x: x + swatchWidth + 6,
        y: top + row * rowHeight + 6,
        anchor: 'start',
        size,
        color: theme.ink,
      })),
    }),
  };
}

function swatch(mark: Mark, x: number, y: number, theme: Theme): Swatch {
  const color = theme.roles[mark.role];
  if (mark.type === 'line') return { kind: 'line', x, y, color, dash: dashOf(theme, mark), hollow: false };
  if (mark.type === 'points') return { kind: 'dot', x, y, color, dash: [], hollow: mark.hollow ?? false };
  const opacity = mark.type === 'band' ? mark.opacity : mark.type === 'bars' ? (mark.opacity ?? 0.9) : 1;
  return { kind: 'area', x, y, color: translucent(color, opacity), dash: [], hollow: false };
}
