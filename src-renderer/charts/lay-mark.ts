/** @file One mark: decimated, clamped to what a log axis can show, coloured. Coordinates stay data; the layout's scales map them. */
import { decimate } from './decimate';
import type { Mark } from './figure';
import { blend, dashOf, mostReadable, translucent, type Theme } from './palette';
import type { Scale } from './scale';
import type { LaidMark, Layout } from './scene';

export function layMark(mark: Mark, x: Scale, y: Scale, plot: Layout['plot'], theme: Theme): LaidMark {
  const color = theme.roles[mark.role];
  const columns = Math.max(1, Math.round(plot.right - plot.left));
  const floor = (value: number) => (y.log && !(value > 0) ? y.domain[0] : value);
  const each = <T>(value: (i: number) => T): T[] => Array.from({ length: mark.x.length }, (_, i) => value(i));
  switch (mark.type) {
    case 'line': {
      const line = decimate(mark.x, mark.floored ? Array.from(mark.y, floor) : mark.y, ...x.domain, columns);
      const tone = mark.faint ? blend(color, theme.background, 0.3) : color;
      return { type: 'line', ...line, color: tone, width: mark.faint ? 1 : 1.75, dash: dashOf(theme, mark) };
    }
    case 'band':
      return { type: 'band', x: mark.x, low: Array.from(mark.low, floor), high: Array.from(mark.high, floor), color: translucent(color, mark.opacity) };
    case 'points':
      return { type: 'points', x: mark.x, y: mark.y, color, radius: mark.radius ?? 3, hollow: mark.hollow ?? false };
    case 'bars': {
      const width = Math.abs(x.at(x.domain[0] + mark.width) - x.at(x.domain[0]));
      const fill = (i: number) => blend(theme.roles[mark.roleOf?.(i) ?? mark.role], theme.background, mark.opacity ?? 0.9);
      return { type: 'boxes', x: mark.x, low: each(() => floor(0)), high: Array.from(mark.y), width, colors: each(fill) };
    }
    case 'cells': {
      const width = Math.abs(x.at(x.domain[0] + 1) - x.at(x.domain[0])) - 1;
      return {
        type: 'boxes',
        x: mark.x,
        low: Array.from(mark.y, (value) => value - 0.5),
        high: Array.from(mark.y, (value) => value + 0.5),
        width,
        colors: Array.from(mark.intensity, (share, i) => blend(theme.roles[mark.roleOf?.(i) ?? mark.role], theme.background, share)),
      };
    }
    case 'texts':
      return {
        type: 'texts',
        x: mark.x,
        y: mark.y,
        text: mark.text,
        colors: each((i) => {
          const cell = mark.on?.(i);
          return cell ? mostReadable(blend(theme.roles[cell.role], theme.background, cell.intensity), [theme.ink, theme.background]) : color;
        }),
        dy: mark.align === 'above' ? -9 : 0,
        size: 11,
      };
  }
}
