/** @file The figure on the screen as a file: same data, same marks, paper colours. */
import { makeCanvasPainter } from './chartjs-painter';
import { toCsv } from './csv';
import type { ExportSource } from './export-source';
import type { Figure } from './figure';
import { layOnPaper, type Paper } from './paper';
import { withText } from './png';
import { paintSvg } from './svg-painter';

export const exportFormats = ['png', 'svg', 'pdf', 'csv', 'json'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** @param scale device pixels per px of a PNG, 1–4 */
export async function exportFile(source: ExportSource, format: ExportFormat, paper: Paper, scale: number): Promise<Blob> {
  const { title } = paper;
  const { provenance } = source;
  switch (format) {
    case 'csv':
      return new Blob([toCsv(source.table())], { type: 'text/csv;charset=utf-8' });
    case 'json':
      return new Blob([toJson(source, title)], { type: 'application/json' });
    case 'svg':
      return new Blob([paintSvg(layOnPaper(source, paper), title, provenance)], { type: 'image/svg+xml' });
    case 'pdf':
      return (await import('./pdf')).paintPdf(layOnPaper(source, paper), title, provenance);
    case 'png':
      return paintPng(source, paper, scale);
  }
}

/** Axes, caption and the columns of the table; NaN, which JSON lacks, becomes null. */
export function toJson({ figure, table, provenance }: ExportSource, title: string): string {
  const axis = ({ label, unit }: Figure['x']) => ({ label, unit: unit ?? null });
  const columns = Object.fromEntries(
    Object.entries(table()).map(([name, values]) => [name, Array.from(values, (value) => (Number.isNaN(value) ? null : value))]),
  );
  return JSON.stringify({ title, caption: figure.caption ?? null, x: axis(figure.x), y: axis(figure.y), columns, provenance }, null, 1);
}

async function paintPng(source: ExportSource, paper: Paper, scale: number): Promise<Blob> {
  const { layout } = layOnPaper(source, paper);
  const canvas = document.createElement('canvas');
  const painter = makeCanvasPainter(canvas, layout, scale);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  painter.destroy();
  if (!blob) throw new Error(`The browser could not make a PNG of ${layout.width * scale} × ${layout.height * scale} pixels; choose a smaller scale`);
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return new Blob([withText(bytes, { Title: paper.title, Software: 'Credence', Provenance: JSON.stringify(source.provenance) })], { type: 'image/png' });
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
