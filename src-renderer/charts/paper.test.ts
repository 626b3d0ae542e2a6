import { describe, expect, it } from 'vitest';
import { examples } from './examples.testing';
import { toJson } from './export';
import type { ExportSource } from './export-source';
import { charts } from './index';
import { layOnPaper, presets, screenPaper, type PresetId } from './paper';
import { withText } from './png';
import { paintSvg } from './svg-painter';

const chart = charts['response-curve'];
const data = examples['response-curve'];
const source: ExportSource = {
  figure: chart.figure(data),
  table: () => chart.table(data),
  title: 'Uncertainty',
  provenance: { run: 'First', draws: 100, settings: '{"epochs":10}', version: '9.9.9' },
  logY: false,
  view: undefined,
  width: 640,
  height: 320,
};
const paper = screenPaper(source.title);

describe('a figure for a paper', () => {
  it.each(Object.keys(presets).filter((id): id is PresetId => presets[id as PresetId].width !== null))(
    '%s has the printed size and text size it names',
    (preset) => {
      const page = layOnPaper(source, { ...paper, preset });
      expect((page.layout.width * page.pointsPerPx * 25.4) / 72).toBeCloseTo(presets[preset].width!, 0);
      expect(12 * page.pointsPerPx).toBeCloseTo(presets[preset].textSize, 10); // ticks are 12 px
      const [, width] = /width="([\d.]+)pt"/.exec(paintSvg(page, 'x', {}))!;
      expect((Number(width) * 25.4) / 72).toBeCloseTo(presets[preset].width!, 0);
    },
  );

  it('keeps every data point where it is between the axes', () => {
    const share = ({ layout }: ReturnType<typeof layOnPaper>) =>
      layout.marks.flatMap((mark) => Array.from(mark.x, (x) => (layout.x.scale.at(x) - layout.plot.left) / (layout.plot.right - layout.plot.left)));
    const [screen, column] = [share(layOnPaper(source, paper)), share(layOnPaper(source, { ...paper, preset: 'single-column' }))];
    expect(column.length).toBe(screen.length);
    column.forEach((at, i) => expect(at).toBeCloseTo(screen[i]!, 8));
  });

  it('prints the title and names that were typed, and says origin below but settings and version only inside', () => {
    const [name] = source.figure.marks.flatMap(({ name }) => (name === undefined ? [] : [name]));
    const words = layOnPaper(source, { ...paper, title: 'Mine', names: { [name!]: 'renamed' } }).layout.texts.map(({ text }) => text);
    expect(words).toContain('Mine');
    expect(words).toContain('renamed');
    expect(words).not.toContain(name);
    expect(words.join(' ')).toMatch(/run: First · draws: 100/);
    expect(words.join(' ')).not.toMatch(/epochs|9\.9\.9/);
    expect(paintSvg(layOnPaper(source, paper), 'x', source.provenance)).toContain('9.9.9');
    expect(
      layOnPaper(source, { ...paper, notes: false })
        .layout.texts.map(({ text }) => text)
        .join(),
    ).not.toContain('First');
  });

  it('tells lines apart without colour', () => {
    const figure = charts['rotated-classes'].figure(examples['rotated-classes']);
    const { layout } = layOnPaper({ ...source, figure }, { ...paper, palette: 'mono' });
    const looks = layout.marks.flatMap((mark) => (mark.type === 'line' ? [`${mark.color} ${mark.dash.join()}`] : []));
    expect(looks.length).toBeGreaterThan(2);
    expect(new Set(looks).size).toBe(looks.length);
    for (const mark of layout.marks) if (mark.type === 'line') expect(mark.color).toMatch(/^#(..)\1\1$/i);
  });

  it('exports the table, axes and origin as JSON, gaps as null', () => {
    const json = JSON.parse(toJson({ ...source, table: () => ({ x: [1, NaN], name: ['a', 'b'] }) }, 'Mine')) as Record<string, unknown>;
    expect(json).toMatchObject({
      title: 'Mine',
      columns: { x: [1, null], name: ['a', 'b'] },
      provenance: source.provenance,
      x: { label: source.figure.x.label },
    });
  });
});

it('writes words into a PNG as a reader finds them, with the checksum of the standard', () => {
  const header = Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, ...Array.from({ length: 25 }, (_, i) => i)]);
  const file = withText(new Uint8Array([...header, 7, 7]), { Title: 'σ' });
  const view = new DataView(file.buffer);
  const length = view.getUint32(33);
  expect(new TextDecoder().decode(file.subarray(37, 41 + length))).toBe('iTXtTitle\0\0\0\0\0σ');
  expect(view.getUint32(41 + length)).toBe(0x93b2a3bc); // zlib.crc32 of the same bytes
  expect([...file.subarray(45 + length)]).toEqual([7, 7]);
});
