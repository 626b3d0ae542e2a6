/** @file Comma-, semicolon- and tab-separated text as cells (RFC 4180, and what spreadsheets write instead). */
import { WorkbenchError } from '../contract/errors';

const delimiters = [',', ';', '\t'] as const;

/** The delimiter that the first line has most of, outside quotes. */
function delimiterOf(text: string): string {
  const line = /^(?:"(?:[^"]|"")*"|[^"\n])*/.exec(text)![0].replace(/"(?:[^"]|"")*"/g, '');
  const count = (delimiter: string) => line.split(delimiter).length;
  return delimiters.reduce((best, next) => (count(next) > count(best) ? next : best));
}

/**
 * Cells of each line; empty lines are left out. A text without any delimiter is split at blanks, as older data archives are written.
 *
 * @throws WorkbenchError `invalid-file` for a quote that is never closed.
 */
export function parseDelimited(content: string): string[][] {
  const text = content.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const delimiter = delimiterOf(text);
  if (!text.includes(delimiter)) return splitAtBlanks(text);
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    let cell: string;
    if (text[at] === '"') {
      const begin = ++at;
      for (;;) {
        at = text.indexOf('"', at);
        if (at < 0)
          throw new WorkbenchError(
            'invalid-file',
            `The quote that opens in line ${lineOf(text, begin)} is never closed; close it, or save the table as CSV anew`,
          );
        if (text[at + 1] !== '"') break;
        at += 2;
      }
      cell = text.slice(begin, at++).replaceAll('""', '"');
      while (at < text.length && text[at] !== delimiter && text[at] !== '\n') at++; // blanks after the quote
    } else {
      const begin = at;
      while (at < text.length && text[at] !== delimiter && text[at] !== '\n') at++;
      cell = text.slice(begin, at);
    }
    row.push(delimiter === ',' ? cell.trim() : withPoint(cell.trim()));
    const ends = at >= text.length || text[at] === '\n';
    if (!ends && at === text.length - 1) row.push(''); // a delimiter at the very end
    at++;
    if (!ends && at < text.length) continue;
    if (row.some((value) => value !== '')) rows.push(row);
    row = [];
  }
  return rows;
}

/** 3,14 → 3.14: where commas do not part cells, they are decimal ones. */
const withPoint = (cell: string): string => (/^[-+]?\d*,\d+(e[-+]?\d+)?$/i.test(cell) ? cell.replace(',', '.') : cell);

const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length;

const splitAtBlanks = (text: string): string[][] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/));
