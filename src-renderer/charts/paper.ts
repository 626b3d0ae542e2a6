/** @file A figure made ready for print: physical size, text size, palette, font, words. Marks and data stay those of the screen. */
import type { ExportSource } from './export-source';
import type { Figure } from './figure';
import { layoutFigure } from './layout';
import { screenPointsPerPx, type Page } from './page';
import { tickSize, type Font } from './text';

export interface PaperPreset {
  readonly title: string;
  /** Of the whole figure, mm; null keeps the size on the screen. */
  readonly width: number | null;
  /** Of tick labels, pt; journals ask for 6–8 at the printed size. */
  readonly textSize: number;
}

export const presets = {
  screen: { title: 'As on screen', width: null, textSize: tickSize * screenPointsPerPx },
  'single-column': { title: 'One column (89 mm; Nature, IEEE)', width: 89, textSize: 7 },
  'text-width': { title: 'Text width (140 mm; NeurIPS, ICML page, thesis)', width: 140, textSize: 8 },
  'double-column': { title: 'Two columns (183 mm; Nature, IEEE)', width: 183, textSize: 8 },
  slide: { title: 'Slide (254 mm)', width: 254, textSize: 16 },
} as const satisfies Record<string, PaperPreset>;
export type PresetId = keyof typeof presets;

export interface Paper {
  readonly preset: PresetId;
  readonly palette: 'paper' | 'mono';
  readonly font: Font;
  readonly title: string;
  /** What the legend says instead of a mark's own name. */
  readonly names: Readonly<Record<string, string>>;
  /** Caption and provenance below the plot. In the file's metadata they always are. */
  readonly notes: boolean;
}

export const screenPaper = (title: string): Paper => ({ preset: 'screen', palette: 'paper', font: 'sans', title, names: {}, notes: true });

const pointsPerMm = 72 / 25.4;
/** Height : width without title and notes. */
const printedAspect = 0.62;
/** Of what a reader need not see under the plot but must find in the file. */
const hidden: ReadonlySet<string> = new Set(['settings', 'version']);

const words = (provenance: ExportSource['provenance']): string =>
  Object.entries(provenance)
    .filter(([key]) => !hidden.has(key))
    .map(([key, value]) => `${key}: ${value}`)
    .join(' · ');

const renamed = (figure: Figure, names: Paper['names']): Figure => ({
  ...figure,
  marks: figure.marks.map((mark) => (mark.name !== undefined && names[mark.name] ? { ...mark, name: names[mark.name]! } : mark)),
});

/** Text keeps its px, and the px are scaled so that it has the preset's size in print: one layout rule serves every preset. */
export function layOnPaper({ figure, provenance, logY, view, width, height }: ExportSource, paper: Paper): Page {
  const preset = presets[paper.preset];
  const pointsPerPx = preset.textSize / tickSize;
  const notes = paper.notes ? ([figure.caption, words(provenance)].filter((note) => note !== undefined && note !== '') as string[]) : [];
  const across = preset.width === null ? Math.max(360, Math.round(width)) : Math.round((preset.width * pointsPerMm) / pointsPerPx);
  const plotHeight = preset.width === null ? height : across * printedAspect;
  const layout = layoutFigure(renamed(figure, paper.names), {
    width: across,
    height: Math.round(plotHeight) + (paper.title ? 30 : 0) + notes.length * 20,
    theme: paper.palette,
    font: paper.font,
    logY,
    view,
    ...(paper.title && { title: paper.title }),
    notes,
  });
  return { layout, pointsPerPx };
}
