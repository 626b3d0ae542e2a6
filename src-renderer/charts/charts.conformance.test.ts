import { describe, expect, it } from 'vitest';
import { makeCanvasPainter } from './chartjs-painter';
import type { ChartDefinition } from './define-chart';
import { examples } from './examples.testing';
import { charts } from './index';
import { layoutFigure } from './layout';
import { screenPointsPerPx } from './page';
import type { Layout } from './scene';
import { paintSvg } from './svg-painter';

/** Enough of a canvas for Chart.js to lay out every element for real; nothing is rasterised. */
function plainCanvas(): HTMLCanvasElement {
  const canvas: Record<string, unknown> = {};
  const context = new Proxy({ canvas } as Record<string, unknown>, {
    get: (target, key) => target[key as string] ?? (key === 'measureText' ? (text: string) => ({ width: 7 * text.length }) : () => undefined),
  });
  canvas['getContext'] = () => context;
  return canvas as unknown as HTMLCanvasElement; // Chart.js asks for no more
}

interface Geometry {
  /** Corner points of each mark, px. */
  readonly marks: readonly (readonly (readonly [number, number])[])[];
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
}

function chartJsGeometry(layout: Layout): Geometry {
  const { chart, destroy } = makeCanvasPainter(plainCanvas(), layout, 1);
  const elements = (dataset: number) => chart.getDatasetMeta(dataset).data;
  const places = (dataset: number) =>
    elements(dataset)
      .filter((element) => !(element as { skip?: boolean }).skip /* a gap */)
      .map(({ x, y }) => [x, y] as const);
  let next = 0;
  const marks = layout.marks.map((mark) => {
    switch (mark.type) {
      case 'line':
      case 'points':
        return places(next++);
      case 'band':
        return [...places(next++), ...places(next++).reverse()];
      case 'boxes':
        return elements(next++).flatMap((element) => {
          const { x, y, base, width } = element.getProps(['x', 'y', 'base', 'width'] as never[], true) as unknown as Record<string, number>; // a bar element
          return [[x! - width! / 2, Math.min(y!, base!)] as const, [x! + width! / 2, Math.max(y!, base!)] as const];
        });
      case 'texts':
        return [];
    }
  });
  const { x, y } = chart.scales;
  const geometry = { marks, xTicks: x!.ticks.map((_, i) => x!.getPixelForTick(i)), yTicks: y!.ticks.map((_, i) => y!.getPixelForTick(i)) };
  destroy();
  return geometry;
}

function svgGeometry(svg: string): Geometry {
  const attribute = (tag: string, name: string) => Number(new RegExp(` ${name}="([^"]*)"`).exec(tag)![1]);
  const tags = (text: string, name: string) => text.match(new RegExp(`<${name} [^>]*>`, 'g')) ?? [];
  const groups = [...svg.matchAll(/<g clip-path="[^"]*">(.*?)<\/g>(?=\n(?:<g clip-path|<path d=|<circle|<rect|<text|<\/svg))/gs)].map(
    ([, content]) => content!,
  );
  const marks = groups.map((content) => {
    const path = /<path class="(?:line|band)" d="([^"]*)"/.exec(content);
    if (path) return [...path[1]!.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const);
    if (content.includes('class="points"')) return tags(content, 'circle').map((tag) => [attribute(tag, 'cx'), attribute(tag, 'cy')] as const);
    return tags(content, 'rect').flatMap((tag) => {
      const [x, y] = [attribute(tag, 'x'), attribute(tag, 'y')];
      return [[x, y] as const, [x + attribute(tag, 'width'), y + attribute(tag, 'height')] as const];
    });
  });
  const ticks = [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)" text-anchor="(middle|end)" font-size="12" fill="#555555">/g)];
  const axis = (anchor: string, coordinate: 1 | 2, shift: number) => ticks.filter((tick) => tick[3] === anchor).map((tick) => Number(tick[coordinate]) + shift);
  return { marks, xTicks: axis('middle', 1, 0), yTicks: axis('end', 2, -0.35 * 12) };
}

const within = (a: number, b: number) => Math.abs(a - b) <= 1;
const all = Object.values(charts) as readonly ChartDefinition<never>[];

describe.each(all)('$id', (chart) => {
  const data = examples[chart.id as keyof typeof examples] as never; // the table pairs them by id
  const figure = chart.figure(data);

  it.each([false, true])('is the same picture on the canvas and in the file, within 1 px (title and notes: %s)', (annotated) => {
    const layout = layoutFigure(figure, { width: 640, height: 360, theme: 'paper', ...(annotated && { title: chart.title, notes: ['A note', 'Another'] }) });
    const [canvas, file] = [chartJsGeometry(layout), svgGeometry(paintSvg({ layout, pointsPerPx: screenPointsPerPx }, chart.title, {}))];
    expect(file.xTicks.length).toBe(layout.x.ticks.length);
    expect(file.yTicks.length).toBe(layout.y.ticks.length);
    file.xTicks.forEach((tick, i) => expect(within(tick, canvas.xTicks[i]!), `x tick ${i}: ${tick} ≠ ${canvas.xTicks[i]}`).toBe(true));
    file.yTicks.forEach((tick, i) => expect(within(tick, canvas.yTicks[i]!), `y tick ${i}: ${tick} ≠ ${canvas.yTicks[i]}`).toBe(true));
    expect(file.marks.map((mark) => mark.length)).toEqual(canvas.marks.map((mark) => mark.length));
    file.marks.forEach((mark, m) =>
      mark.forEach(([x, y], i) => {
        const [cx, cy] = canvas.marks[m]![i]!;
        expect(within(x, cx) && within(y, cy), `mark ${m}, point ${i}: (${x}, ${y}) ≠ (${cx}, ${cy})`).toBe(true);
      }),
    );
  });

  it('draws inside the plot', () => {
    const layout = layoutFigure(figure, { width: 640, height: 360, theme: 'light' });
    const { left, right, top, bottom } = layout.plot;
    for (const [x, y] of chartJsGeometry(layout).marks.flat()) {
      expect(x).toBeGreaterThanOrEqual(left - 1);
      expect(x).toBeLessThanOrEqual(right + 1);
      expect(y).toBeGreaterThanOrEqual(top - 1);
      expect(y).toBeLessThanOrEqual(bottom + 1);
    }
  });

  it('has a table of equally long columns', () => {
    const lengths = Object.values(chart.table(data)).map((column) => column.length);
    expect(lengths.length).toBeGreaterThan(1);
    expect(new Set(lengths).size).toBe(1);
    expect(lengths[0]).toBeGreaterThan(0);
  });

  it('has an identifier equal to its place in the registry and a caption that is a sentence', () => {
    expect(charts[chart.id as keyof typeof charts]).toBe(chart);
    if (figure.caption) expect(figure.caption).toMatch(/^\S.*\.$/);
  });
});
