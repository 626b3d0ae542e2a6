/** @file A page as PDF: the SVG file, drawn by svg2pdf with fonts that carry Greek letters and mathematical signs. */
import sansBold from 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf?url';
import sans from 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf?url';
import serifBold from 'dejavu-fonts-ttf/ttf/DejaVuSerifCondensed-Bold.ttf?url';
import serif from 'dejavu-fonts-ttf/ttf/DejaVuSerifCondensed.ttf?url';
import type { Page } from './page';
import { paintSvg, type Provenance } from './svg-painter';

const files = { sans: { normal: sans, bold: sansBold }, serif: { normal: serif, bold: serifBold } };

/** The bytes as text of one character a byte, as jsPDF wants its files. */
async function bytesOf(url: string): Promise<string> {
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

/** One page of the figure's printed size; title and provenance are in the document's properties. The libraries are loaded on the first use. */
export async function paintPdf(page: Page, title: string, provenance: Provenance): Promise<Blob> {
  const [{ jsPDF }, { svg2pdf }] = await Promise.all([import('jspdf'), import('svg2pdf.js')]);
  const { layout, pointsPerPx } = page;
  const size = [layout.width * pointsPerPx, layout.height * pointsPerPx] as const;
  const document = new jsPDF({ unit: 'pt', format: [...size], orientation: size[0] > size[1] ? 'landscape' : 'portrait', compress: true });
  document.setProperties({ title, creator: 'Credence', keywords: JSON.stringify(provenance) });
  for (const [weight, style] of [
    [400, 'normal'],
    [600, 'bold'],
  ] as const) {
    const file = `${layout.font}-${style}.ttf`;
    document.addFileToVFS(file, await bytesOf(files[layout.font][style]));
    document.addFont(file, 'figure', 'normal', weight);
  }
  const svg = new DOMParser().parseFromString(paintSvg(page, title, provenance), 'image/svg+xml').documentElement;
  svg.setAttribute('font-family', 'figure');
  await svg2pdf(svg, document, { x: 0, y: 0, width: size[0], height: size[1] });
  return document.output('blob');
}
