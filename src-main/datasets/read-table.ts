/** @file A file of the user as a table of named columns: text cells, and what kind of values each column holds. */
import { readFile } from 'node:fs/promises';
import { WorkbenchError } from '../contract/errors';
import type { TableColumn } from '../contract/table';
import { parseDelimited } from './delimited-text';
import { isZip, parseSpreadsheet } from './spreadsheet';

export interface TextTable {
  readonly names: readonly string[];
  /** [rows][columns]; '' where a value is missing. */
  readonly cells: readonly (readonly string[])[];
  /** Line of the first row in the file, counted from 1, for messages. */
  readonly firstLine: number;
}

const missingWords = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '?', '-', '.']);
const largestTable = { rows: 2_000_000, columns: 5000 };

/** NaN for what is not a number. */
export const parseNumber = (text: string): number => (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : NaN);

/** @throws WorkbenchError `invalid-file` that names row and column */
export async function readTable(path: string): Promise<TextTable> {
  const bytes = await readFile(path);
  if (bytes.subarray(0, 8).equals(Buffer.from('d0cf11e0a1b11ae1', 'hex')))
    throw new WorkbenchError('invalid-file', 'This is a workbook of the old binary kind (.xls); save it as .xlsx or CSV, then import that');
  const rows = isZip(bytes) ? parseSpreadsheet(bytes) : parseDelimited(decode(bytes));
  return asTable(rows);
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new WorkbenchError('invalid-file', 'The file is neither UTF-8 text nor an XLSX workbook; save the table as CSV (UTF-8), then import that', { cause });
  }
}

/** The first row names the columns unless all of it are numbers. */
export function asTable(rows: readonly (readonly string[])[]): TextTable {
  const [first = []] = rows;
  const hasNames = first.some((cell) => Number.isNaN(parseNumber(cell)));
  const cells = rows.slice(hasNames ? 1 : 0);
  const width = first.length;
  const firstLine = hasNames ? 2 : 1;
  if (width < 2)
    throw new WorkbenchError(
      'invalid-file',
      'The table has a single column; it needs at least one feature and a target, separated by commas, semicolons, tabs or blanks',
    );
  if (cells.length < 2) throw new WorkbenchError('invalid-file', `The table has ${cells.length} rows of values; it needs at least 2`);
  if (cells.length > largestTable.rows || width > largestTable.columns)
    throw new WorkbenchError(
      'invalid-file',
      `The table has ${cells.length} rows and ${width} columns; at most ${largestTable.rows} rows and ${largestTable.columns} columns can be imported`,
    );
  const filled = cells.map((row, i) => {
    if (row.length > width)
      throw new WorkbenchError(
        'invalid-file',
        `Row ${i + firstLine} has ${row.length} values, but the first row has ${width}; a value may contain an unquoted delimiter`,
      );
    return Array.from({ length: width }, (_, column) => {
      const cell = row[column] ?? '';
      return missingWords.has(cell.toLowerCase()) ? '' : cell;
    });
  });
  return { names: uniqueNames(first, hasNames), cells: filled, firstLine };
}

function uniqueNames(first: readonly string[], hasNames: boolean): string[] {
  const names: string[] = [];
  first.forEach((cell, column) => {
    const name = (hasNames && cell) || `column ${column + 1}`;
    names.push(names.includes(name) ? `${name} (${column + 1})` : name);
  });
  return names;
}

/** What a column holds: numbers if every value that is there is one. */
export function describeColumn({ names, cells }: TextTable, column: number): TableColumn {
  const values = cells.map((row) => row[column]!).filter((cell) => cell !== '');
  const distinct = new Set(values);
  const kind = values.length > 0 && values.every((cell) => !Number.isNaN(parseNumber(cell))) ? 'number' : 'category';
  return { name: names[column]!, kind, missing: cells.length - values.length, distinct: distinct.size };
}
