/** @file Writes a layout as a standalone SVG document. */
import type { AxisLayout, LaidMark, LaidText, Layout, Swatch } from './scene';
import { screenPointsPerPx, type Page } from './page';
import { fonts, labelSize, tickSize } from './text';

/** What a reader of the file must know: run, method, draws, dataset … */
export type Provenance = Readonly<Record<string, string | number>>;

const number = (value: number): string => String(Math.round(value * 100) / 100);
const escape = (text: string): string => text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);
const attributes = (record: Record<string, string | number>): string =>
  Object.entries(record)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? number(value) : escape(value)}"`)
    .join('');
const tag = (name: string, record: Record<string, string | number>, content?: string): string =>
  content === undefined ? `<${name}${attributes(record)}/>` : `<${name}${attributes(record)}>${content}</${name}>`;
const dashes = (dash: readonly number[]): Record<string, string> => (dash.length ? { 'stroke-dasharray': dash.join(' ') } : {});

type Map1 = (value: number) => number;

/** `M x y L x y …`, starting anew after each gap. */
function path(xs: ArrayLike<number>, ys: ArrayLike<number>, x: Map1, y: Map1): string {
  const parts: string[] = [];
  let pen = false;
  for (let i = 0; i < xs.length; i++) {
    const [px, py] = [x(xs[i]!), y(ys[i]!)];
    if (Number.isFinite(px) && Number.isFinite(py)) parts.push(`${pen ? 'L' : 'M'}${number(px)} ${number(py)}`);
    pen = Number.isFinite(px) && Number.isFinite(py);
  }
  return parts.join('');
}

function outline(mark: Extract<LaidMark, { type: 'band' }>, x: Map1, y: Map1): string {
  const upper = path(mark.x, mark.high, x, y);
  const reversed = (values: ArrayLike<number>) => Array.from(values).reverse();
  return upper && `${upper}${path(reversed(mark.x), reversed(mark.low), x, y).replace('M', 'L')}Z`;
}

function paintMark(mark: LaidMark, layout: Layout): string {
  const { at: x } = layout.x.scale;
  const { at: y } = layout.y.scale;
  const each = (paint: (i: number) => string) => Array.from({ length: mark.x.length }, (_, i) => paint(i)).join('');
  switch (mark.type) {
    case 'line':
      return tag('path', {
        class: 'line',
        d: path(mark.x, mark.y, x, y),
        fill: 'none',
        stroke: mark.color,
        'stroke-width': mark.width,
        'stroke-linejoin': 'round',
        ...dashes(mark.dash),
      });
    case 'band': {
      const [, color = '', opacity = '1'] = /rgba\((.*), ([\d.]+)\)/.exec(mark.color) ?? [];
      return tag('path', { class: 'band', d: outline(mark, x, y), fill: `rgb(${color})`, 'fill-opacity': opacity });
    }
    case 'points': {
      const look = mark.hollow ? { fill: 'none', stroke: mark.color, 'stroke-width': 1.25 } : { fill: mark.color };
      return tag(
        'g',
        { class: 'points', ...look },
        each((i) => tag('circle', { cx: x(mark.x[i]!), cy: y(mark.y[i]!), r: mark.radius })),
      );
    }
    case 'boxes':
      return tag(
        'g',
        { class: 'boxes' },
        each((i) => {
          const [top, bottom] = [y(mark.high[i]!), y(mark.low[i]!)];
          return tag('rect', {
            x: x(mark.x[i]!) - mark.width / 2,
            y: Math.min(top, bottom),
            width: mark.width,
            height: Math.abs(bottom - top),
            fill: mark.colors[i]!,
          });
        }),
      );
    case 'texts':
      return each((i) =>
        text({ text: mark.text[i]!, x: x(mark.x[i]!), y: y(mark.y[i]!) + mark.dy, anchor: 'middle', size: mark.size, color: mark.colors[i]! }),
      );
  }
}

const text = ({ text, x, y, anchor, size, color, bold }: LaidText): string =>
  // 0.35 em below the middle is the baseline; `dominant-baseline` is not understood by every reader of SVG.
  tag('text', { x, y: y + 0.35 * size, 'text-anchor': anchor, 'font-size': size, fill: color, ...(bold && { 'font-weight': 600 }) }, escape(text));

function paintSwatch({ kind, x, y, color, dash, hollow }: Swatch): string {
  const [, rgb, opacity] = /rgba\((.*), ([\d.]+)\)/.exec(color) ?? [];
  if (kind === 'line') return tag('path', { d: `M${number(x)} ${number(y)}h18`, stroke: color, 'stroke-width': 1.75, ...dashes(dash) });
  if (kind === 'dot') return tag('circle', { cx: x + 9, cy: y, r: 3.5, ...(hollow ? { fill: 'none', stroke: color, 'stroke-width': 1.25 } : { fill: color }) });
  return tag('rect', { x, y: y - 5, width: 18, height: 10, fill: rgb ? `rgb(${rgb})` : color, ...(opacity && { 'fill-opacity': opacity }) });
}

function axes({ plot, theme, x, y }: Layout): string {
  const line = (x1: number, y1: number, x2: number, y2: number, stroke: string) =>
    tag('path', { d: `M${number(x1)} ${number(y1)}L${number(x2)} ${number(y2)}`, stroke, 'stroke-width': 1 });
  const label = (axis: AxisLayout, record: Record<string, string | number>) =>
    tag('text', { 'font-size': labelSize, fill: theme.muted, 'text-anchor': 'middle', ...record }, escape(axis.label));
  const tick = { size: tickSize, color: theme.muted };
  const middle = (plot.top + plot.bottom) / 2;
  return [
    ...y.ticks.map(({ at }) => line(plot.left, at, plot.right, at, theme.grid)),
    line(plot.left, plot.top, plot.left, plot.bottom, theme.axis),
    line(plot.left, plot.bottom, plot.right, plot.bottom, theme.axis),
    ...x.ticks.map(
      ({ at, text: words }) =>
        line(at, plot.bottom, at, plot.bottom + 5, theme.axis) + text({ ...tick, text: words, x: at, y: plot.bottom + 14, anchor: 'middle' }),
    ),
    ...y.ticks.map(
      ({ at, text: words }) => line(plot.left - 5, at, plot.left, at, theme.axis) + text({ ...tick, text: words, x: plot.left - 8, y: at, anchor: 'end' }),
    ),
    label(x, { x: (plot.left + plot.right) / 2, y: plot.bottom + 38 }),
    label(y, { transform: `translate(14 ${number(middle)}) rotate(-90)` }),
  ].join('\n');
}

/** A complete document, sized in points where px would not be what is printed; `provenance` goes into its metadata as JSON. */
export function paintSvg({ layout, pointsPerPx }: Page, title: string, provenance: Provenance): string {
  const { width, height, plot } = layout;
  const size = (px: number) => (pointsPerPx === screenPointsPerPx ? String(px) : `${number(px * pointsPerPx)}pt`);
  const frame = { x: plot.left, y: plot.top, width: plot.right - plot.left, height: plot.bottom - plot.top };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size(width)}" height="${size(height)}" viewBox="0 0 ${width} ${height}" font-family="${fonts[layout.font]}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<metadata>${escape(JSON.stringify({ creator: 'Credence', ...provenance }))}</metadata>`,
    `<clipPath id="plot">${tag('rect', frame)}</clipPath>`,
    `<clipPath id="points">${tag('rect', { x: frame.x - 5, y: frame.y - 5, width: frame.width + 10, height: frame.height + 10 })}</clipPath>`,
    tag('rect', { width, height, fill: layout.theme.background }),
    axes(layout),
    ...layout.marks.map((mark) => tag('g', { 'clip-path': mark.type === 'points' ? 'url(#points)' : 'url(#plot)' }, paintMark(mark, layout))),
    ...layout.swatches.map(paintSwatch),
    ...layout.texts.map(text),
    '</svg>\n',
  ].join('\n');
}
