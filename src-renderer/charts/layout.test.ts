import { describe, expect, it } from 'vitest';
import type { Figure, Line } from './figure';
import { meantBy, readingsAt } from './hit';
import { layoutFigure } from './layout';
import { textWidth } from './text';
import { viewAbout, viewOfRectangle } from './zoom';

const size = { width: 600, height: 300, theme: 'light' } as const;
const line = (name: string, y: readonly number[], more: Partial<Line> = {}): Line => ({
  type: 'line',
  role: 'series-1',
  name,
  x: y.map((_, i) => i),
  y,
  ...more,
});
const figure = (marks: Figure['marks'], more: Partial<Figure> = {}): Figure => ({ x: { label: 'Step' }, y: { label: 'Loss', unit: 'nats' }, marks, ...more });

describe('layout', () => {
  it('ends the y axis at ticks and the x axis at the data', () => {
    const { x, y } = layoutFigure(figure([line('a', [0.13, 0.4, 0.97])]), size);
    expect(x.scale.domain).toEqual([0, 2]);
    expect(y.scale.domain).toEqual([0, 1]);
    expect([y.ticks[0]!.at, y.ticks.at(-1)!.at]).toEqual([y.scale.at(0), y.scale.at(1)]);
    expect(y.label).toBe('Loss (nats)');
  });

  it('leaves out what a logarithmic axis cannot show, without losing the rest', () => {
    const { y, marks } = layoutFigure(figure([line('a', [0, -1, 10, 1000])]), { ...size, logY: true });
    expect(y.scale.domain[0]).toBeGreaterThan(5);
    expect(y.scale.domain[1]).toBeLessThan(2000);
    const [mark] = marks;
    expect(mark!.type === 'line' && Array.from(mark!.y, (value) => Number.isNaN(y.scale.at(value)))).toEqual([true, true, false, false]);
  });

  it('puts the names of up to four lines at their ends, apart from one another and inside the picture', () => {
    const { texts, width, plot } = layoutFigure(figure(['−ELBO', 'NLL', 'KL', 'validation'].map((name, i) => line(name, [0, 1 + i * 1e-3]))), size);
    expect(texts).toHaveLength(4);
    const heights = texts.map(({ y }) => y).sort((a, b) => a - b);
    for (let i = 1; i < 4; i++) expect(heights[i]! - heights[i - 1]!).toBeGreaterThanOrEqual(16);
    for (const { text, x, y, size: font } of texts) {
      expect(x + textWidth(text, font)).toBeLessThanOrEqual(width);
      expect(y).toBeGreaterThan(0);
      expect(y).toBeLessThan(plot.bottom);
    }
  });

  it('names five lines in rows above the plot, none cut off', () => {
    const { texts, swatches, plot, width } = layoutFigure(figure(Array.from({ length: 7 }, (_, i) => line(`a rather long name ${i}`, [0, i]))), size);
    expect(swatches).toHaveLength(7);
    for (const { text, x, y, size: font } of texts) {
      expect(x + textWidth(text, font)).toBeLessThanOrEqual(width);
      expect(y).toBeLessThan(plot.top);
    }
  });

  it('shortens class names that would touch', () => {
    const classes = Array.from({ length: 10 }, (_, i) => `Some long class ${i}`);
    const { x } = layoutFigure(
      figure([line('a', [0, 9])], { x: { label: 'Class', domain: [-0.5, 9.5], ticks: classes.map((text, value) => ({ value, text })) } }),
      size,
    );
    expect(x.ticks).toHaveLength(10);
    for (const { text } of x.ticks) expect(textWidth(text, 12)).toBeLessThan(x.ticks[1]!.at - x.ticks[0]!.at);
  });

  it('keeps a view still while data arrive', () => {
    const view = { x: [1, 2], y: [0.2, 0.4] } as const;
    const before = layoutFigure(figure([line('a', [0, 1, 2])]), { ...size, view });
    const after = layoutFigure(figure([line('a', [0, 1, 2, 500, -90])]), { ...size, view });
    expect(after.x.ticks).toEqual(before.x.ticks);
    expect(after.y.ticks).toEqual(before.y.ticks);
  });

  it('says that there is nothing yet rather than drawing an empty scale', () => {
    const { texts, y } = layoutFigure(figure([line('a', [])]), size);
    expect(texts.map(({ text }) => text)).toContain('No values yet');
    expect(y.ticks).toEqual([]);
  });
});

describe('reading and zooming', () => {
  const two = figure([line('a', [0, 1, 4]), line('b', [3, 2, 1])]);
  const layout = layoutFigure(two, size);

  it('reads every line at the nearest x, with exact values', () => {
    const readings = readingsAt(two, layout, layout.x.scale.at(1.2), layout.y.scale.at(1));
    expect(readings.map(({ mark, index, text }) => [mark, index, text])).toEqual([
      [0, 1, 'a 1 at step 1'],
      [1, 1, 'b 2 at step 1'],
    ]);
  });

  it('takes a click between two lines for the one nearest in height', () => {
    const at = (height: number) => {
      const py = layout.y.scale.at(height);
      return meantBy(two, readingsAt(two, layout, layout.x.scale.at(1.2), py), py)?.mark;
    };
    expect([at(1.2), at(1.8), at(3)]).toEqual([0, 1, 1]); // a stands at 1, b at 2
    expect(meantBy(two, [], 0)).toBeUndefined();
  });

  it('picks the nearest point, and none that is far', () => {
    const points = figure([{ type: 'points', role: 'accent', x: [0, 5, 10], y: [0, 5, 10] }]);
    const laid = layoutFigure(points, size);
    expect(readingsAt(points, laid, laid.x.scale.at(5) + 6, laid.y.scale.at(5) - 3)[0]?.index).toBe(1);
    expect(readingsAt(points, laid, laid.x.scale.at(2.5), laid.y.scale.at(9))).toEqual([]);
  });

  it('zooms to a dragged rectangle whichever way it is dragged', () => {
    const [x0, x1, y0, y1] = [layout.x.scale.at(0.5), layout.x.scale.at(1.5), layout.y.scale.at(1), layout.y.scale.at(3)];
    const view = viewOfRectangle(layout, x1, y0, x0, y1)!;
    expect(view.x.map((value) => Number(value.toFixed(9)))).toEqual([0.5, 1.5]);
    expect(view.y.map((value) => Number(value.toFixed(9)))).toEqual([1, 3]);
    expect(viewOfRectangle(layout, x0, y0, x0 + 3, y1)).toBeNull();
  });

  it('keeps the point under the wheel where it is', () => {
    const [px, py] = [layout.x.scale.at(1.25), layout.y.scale.at(2.5)];
    const zoomed = layoutFigure(two, { ...size, view: viewAbout(layout, px, py, 0.5) });
    expect(
      zoomed.x.scale.invert(layout.plot.left + ((px - layout.plot.left) / (layout.plot.right - layout.plot.left)) * (zoomed.plot.right - zoomed.plot.left)),
    ).toBeCloseTo(1.25, 6);
    expect(zoomed.y.scale.at(2.5)).toBeCloseTo(py, 6);
  });
});
