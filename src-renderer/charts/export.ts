/** @file The figure on the screen as a file: same data, same marks, paper colours. */
import { makeCanvasPainter } from './chartjs-painter';
import { toCsv } from './csv';
import type { Table } from './define-chart';
import type { Figure } from './figure';
import { layoutFigure } from './layout';
import type { Layout, View } from './scene';
import { paintSvg, type Provenance } from './svg-painter';

export type ExportFormat = 'png' | 'svg' | 'csv';

export interface ExportSource {
  readonly figure: Figure;
  readonly table: Table;
  readonly title: string;
  readonly provenance: Provenance;
  readonly logY: boolean;
  readonly view: View | undefined;
  /** Size on the screen, px; the file keeps its proportions. */
  readonly width: number;
  readonly height: number;
}

const words = (provenance: Provenance): string =>
  Object.entries(provenance)
    .map(([key, value]) => `${key}: ${value}`)
    .join(' · ');

/** The layout that goes to paper: title above, caption and provenance below. */
export function paperLayout({ figure, title, provenance, logY, view, width, height }: ExportSource): Layout {
  const notes = [figure.caption, words(provenance)].filter((note) => note !== undefined && note !== '') as string[];
  return layoutFigure(figure, {
    width: Math.max(360, Math.round(width)),
    height: Math.round(height) + 30 + notes.length * 20,
    theme: 'paper',
    logY,
    view,
    title,
    notes,
  });
}

/** @param scale device pixels per px of a PNG, 1–4 */
export async function exportFile(source: ExportSource, format: ExportFormat, scale: number): Promise<Blob> {
  if (format === 'csv') return new Blob([toCsv(source.table)], { type: 'text/csv;charset=utf-8' });
  const layout = paperLayout(source);
  if (format === 'svg') return new Blob([paintSvg(layout, source.title, source.provenance)], { type: 'image/svg+xml' });
  const canvas = document.createElement('canvas');
  const painter = makeCanvasPainter(canvas, layout, scale);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  painter.destroy();
  if (!blob) throw new Error(`The browser could not make a PNG of ${layout.width * scale} × ${layout.height * scale} pixels; choose a smaller scale`);
  return blob;
}

/** Hands a file to the browser's download. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser reads it after click returns
}
