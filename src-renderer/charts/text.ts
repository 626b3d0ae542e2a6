/** @file Text as layout sees it: no painter is asked, so that screen, SVG and PDF agree. */

export const fonts = {
  sans: "Inter, 'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif",
  serif: "'Times New Roman', Times, 'Liberation Serif', 'DejaVu Serif', serif",
} as const;
export type Font = keyof typeof fonts;

/** px, of axis ticks and axis labels. */
export const tickSize = 12;
export const labelSize = 12;

const widths: readonly (readonly [RegExp, number])[] = [
  [/[ijl.,:;|!'()[\]·\u202f]/, 0.3],
  [/[frt/ -]/, 0.36],
  [/[0-9−+×%<>=]/, 0.6],
  [/[mwMW]/, 0.88],
  [/[A-Z]/, 0.68],
];

/** Width in px, a few per cent generous. */
export const textWidth = (text: string, size: number): number =>
  [...text].reduce((sum, c) => sum + (widths.find(([pattern]) => pattern.test(c))?.[1] ?? 0.57), 0) * size;

/** Breaks at spaces so that no line is wider than `width` px. */
export function wrapText(text: string, size: number, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && textWidth(longer, size) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** The text, cut with an ellipsis where it is wider than `width` px. */
export function shorten(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text;
  let end = text.length - 1;
  while (end > 1 && textWidth(text.slice(0, end), size) + size * 0.6 > width) end--;
  return `${text.slice(0, end)}…`;
}
