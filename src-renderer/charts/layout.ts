/** @file The one place where a figure becomes numbers in pixels and colours. Painters only draw what stands here. */
import { axisDomain } from './domain';
import type { Axis, Figure, Tick } from './figure';
import { layMark } from './lay-mark';
import { layNames } from './names';
import { themes, type ThemeName } from './palette';
import { linearTicks, logTicks, makeScale } from './scale';
import type { LaidText, Layout, View } from './scene';
import { shorten, textWidth, tickSize, wrapText, type Font } from './text';

export interface LayoutOptions {
  readonly width: number; // px
  readonly height: number; // px
  readonly theme: ThemeName;
  readonly font?: Font;
  readonly logY?: boolean;
  readonly view?: View | undefined;
  /** Printed above and below the plot in files; on screen the page has them. */
  readonly title?: string;
  readonly notes?: readonly string[];
}

const noteSize = 11;
const titleSize = 15;

const axisLabel = ({ label, unit }: Axis): string => (unit ? `${label} (${unit})` : label);

const ticksOf = (axis: Axis, domain: readonly [number, number], count: number, log: boolean): Tick[] => {
  if (axis.ticks) return axis.ticks.filter(({ value }) => value >= domain[0] && value <= domain[1]);
  return log ? logTicks(domain, count) : linearTicks(domain, count, axis.whole);
};

/** Makes tick labels that would touch their neighbour fit: classes are shortened, numbers left out. */
function thin(ticks: readonly Tick[], length: number, classes: boolean): Tick[] {
  const room = length / Math.max(1, ticks.length) - 6;
  if (classes && room > 20) return ticks.map(({ value, text }) => ({ value, text: shorten(text, tickSize, room) }));
  const widest = Math.max(...ticks.map(({ text }) => textWidth(text, tickSize)), 1) + 10;
  const stride = Math.max(1, Math.ceil((ticks.length * widest) / length));
  return ticks.filter((_, i) => i % stride === 0);
}

/** Resolves domains, ticks, labels, margins and colours. Pure: the same figure and options give the same pixels everywhere. */
export function layoutFigure(figure: Figure, options: LayoutOptions): Layout {
  const { width, height } = options;
  const theme = themes[options.theme];
  const log = options.logY ?? figure.y.log ?? false;
  const xLog = figure.x.log ?? false;
  const [ownX, ownY] = [axisDomain(figure, 'x', xLog), axisDomain(figure, 'y', log)];
  const domain = { x: options.view?.x ?? ownX ?? [0, 1], y: options.view?.y ?? ownY ?? (log ? ([0.1, 1] as const) : ([0, 1] as const)) };

  const notes = (options.notes ?? []).flatMap((note) => wrapText(note, noteSize, width - 24));
  const titleRoom = options.title ? 30 : 0;
  const names = layNames(figure, theme, width);
  const top = 10 + titleRoom + names.topRoom;
  const bottom = height - 44 - (notes.length ? notes.length * 15 + 8 : 0);

  const yTicks = ticksOf(figure.y, domain.y, Math.max(2, Math.round((bottom - top) / 44)), log);
  const left = Math.ceil(Math.max(...yTicks.map(({ text }) => textWidth(text, tickSize)), 12)) + 34;
  const right = width - Math.max(names.rightRoom, 16);
  const empty = !ownX || !ownY;
  const xTicks = ticksOf(figure.x, domain.x, Math.max(2, Math.round((right - left) / 80)), xLog);

  const x = makeScale(domain.x, left, right, xLog);
  const y = makeScale(domain.y, bottom, top, log);
  const plot = { left, top, right, bottom };
  const placed = names.place(plot, x, y, 10 + titleRoom);

  const texts: LaidText[] = [...placed.texts];
  if (empty) texts.push({ text: 'No values yet', x: (left + right) / 2, y: (top + bottom) / 2, anchor: 'middle', size: tickSize, color: theme.muted });
  if (options.title) texts.push({ text: options.title, x: 12, y: 20, anchor: 'start', size: titleSize, color: theme.ink, bold: true });
  notes.forEach((text, i) => texts.push({ text, x: 12, y: height - 14 - (notes.length - 1 - i) * 15, anchor: 'start', size: noteSize, color: theme.muted }));

  return {
    width,
    height,
    plot,
    theme,
    font: options.font ?? 'sans',
    x: {
      scale: x,
      ticks: thin(empty ? [] : xTicks, right - left, figure.x.ticks !== undefined).map((tick) => ({ ...tick, at: x.at(tick.value) })),
      label: axisLabel(figure.x),
    },
    y: { scale: y, ticks: (empty ? [] : yTicks).map((tick) => ({ ...tick, at: y.at(tick.value) })), label: axisLabel(figure.y) },
    marks: figure.marks.map((mark) => layMark(mark, x, y, plot, theme)),
    texts,
    swatches: placed.swatches,
  };
}
