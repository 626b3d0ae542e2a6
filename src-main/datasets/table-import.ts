/** @file From a user's file to a stored table: columns become features, categories numbers, and every fault has a row and a column. */
import { join } from 'node:path';
import { WorkbenchError } from '../contract/errors';
import type { ColumnUse, ImportedTable, TableColumn, TableImport, TablePreview } from '../contract/table';
import { describeColumn, parseNumber, readTable, type TextTable } from './read-table';
import { writeTableFolder, type Table } from './table-folder';

const previewRows = 12;
/** Categories that still suggest one feature each. */
const fewCategories = 20;
const mostFeatures = 10_000;
const mostClasses = 1000;
const mostFolds = 1000;

const invalid = (message: string) => new WorkbenchError('invalid-file', message);
const columnsOf = (table: TextTable): TableColumn[] => table.names.map((_, column) => describeColumn(table, column));

/** The last column is the target, as in most files; names and identifiers are left out. */
function suggestUse({ name, kind, distinct }: TableColumn, column: number, all: readonly TableColumn[]): ColumnUse {
  if (column === all.length - 1) return 'target';
  if (distinct < 2) return 'ignore';
  if (/^fold$/i.test(name) && distinct <= mostFolds) return 'fold';
  if (kind === 'number') return 'number';
  return distinct <= fewCategories ? 'one-hot' : 'ignore';
}

/** @throws WorkbenchError `invalid-file` */
export async function previewTable(path: string): Promise<TablePreview> {
  const table = await readTable(path);
  const columns = columnsOf(table);
  return { rows: table.cells.length, columns, uses: columns.map(suggestUse), head: table.cells.slice(0, previewRows).map((row) => [...row]) };
}

/** Categories in their order: that of numbers if all are numbers, else of the alphabet. */
function categoriesOf({ cells }: TextTable, column: number): string[] {
  const values = [...new Set(cells.map((row) => row[column]!))].filter((value) => value !== '');
  return values.every((value) => !Number.isNaN(parseNumber(value))) ? values.sort((a, b) => Number(a) - Number(b)) : values.sort((a, b) => (a < b ? -1 : 1));
}

interface Feature {
  readonly name: string;
  /** Holds category codes. */
  readonly coded?: true;
  value(row: readonly string[]): number;
}

function featuresOf(table: TextTable, column: number, use: ColumnUse): Feature[] {
  const name = table.names[column]!;
  if (use === 'number') return [{ name, value: (row) => parseNumber(row[column]!) }];
  const categories = categoriesOf(table, column);
  if (use === 'codes') return [{ name, coded: true, value: (row) => (row[column] === '' ? NaN : categories.indexOf(row[column]!)) }];
  return categories.map((category) => ({ name: `${name}: ${category}`, value: (row) => (row[column] === '' ? NaN : Number(row[column] === category)) }));
}

/** The columns of the target and of the folds, -1 where there are none. */
function checkUses(table: TextTable, { uses, task, sequence }: TableImport): { target: number; fold: number } {
  const columns = columnsOf(table);
  if (uses.length !== columns.length) throw invalid(`The file has ${columns.length} columns, but a use was chosen for ${uses.length}; preview it again`);
  const targets = uses.flatMap((use, column) => (use === 'target' ? [column] : []));
  if (targets.length !== 1) throw invalid(`${targets.length} columns are chosen as target; choose exactly one`);
  const [target] = targets as [number];
  const fold = uses.indexOf('fold');
  if (fold !== uses.lastIndexOf('fold')) throw invalid('Several columns are chosen as folds; choose one');
  if (fold >= 0 && sequence) throw invalid(`A sequence is split in time; leave out the column '${columns[fold]!.name}' of folds`);
  if (fold >= 0 && columns[fold]!.distinct > mostFolds)
    throw invalid(`Column '${columns[fold]!.name}' has ${columns[fold]!.distinct} different values, more than ${mostFolds} folds; leave it out`);
  columns.forEach(({ name, distinct }, column) => {
    const use = uses[column]!;
    const asNumber = use === 'number' || (use === 'target' && task === 'regression');
    const strange = asNumber ? table.cells.findIndex((row) => row[column] !== '' && Number.isNaN(parseNumber(row[column]!))) : -1;
    if (strange >= 0)
      throw invalid(
        `Row ${strange + table.firstLine}, column '${name}' holds '${table.cells[strange]![column]}', which is not a number; ${use === 'target' ? 'choose classification' : 'use the column as categories or leave it out'}`,
      );
    if (use !== 'ignore' && distinct < 2)
      throw invalid(
        `Column '${name}' ${distinct === 0 ? 'is empty' : 'has the same value in every row'}; ${use === 'target' ? 'choose another target' : 'leave it out'}`,
      );
  });
  if (task === 'classification' && columns[target]!.distinct > mostClasses)
    throw invalid(`Column '${columns[target]!.name}' has ${columns[target]!.distinct} different values, more than ${mostClasses} classes; choose regression`);
  return { target, fold };
}

/** The rows that are kept, after what `missing` says of gaps. */
function keptRows(table: TextTable, { uses, missing }: TableImport): readonly (readonly string[])[] {
  const used = uses.flatMap((use, column) => (use === 'ignore' ? [] : [column]));
  const hasMean = (column: number) => uses[column] !== 'target' && uses[column] !== 'fold';
  const gapIn = (row: readonly string[]) => used.find((column) => row[column] === '' && !(missing === 'mean' && hasMean(column)));
  if (missing === 'drop') return table.cells.filter((row) => gapIn(row) === undefined);
  table.cells.forEach((row, i) => {
    const gap = gapIn(row);
    if (gap === undefined) return;
    const advice = hasMean(gap) ? 'leave out such rows, fill in the mean, or leave out the column' : 'leave out rows with missing values';
    throw invalid(`Row ${i + table.firstLine}, column '${table.names[gap]}' has no value; ${advice}`);
  });
  return table.cells;
}

/** Windows enough for both parts. */
function checkSequence({ task, missing, sequence }: TableImport, steps: number): void {
  if (task !== 'regression') throw invalid('A sequence foretells a number; choose a target of numbers, or import the rows as cases');
  if (missing === 'drop') throw invalid('Leaving out rows would tear gaps into the sequence; fill in the mean instead');
  const needed = 5 * (sequence!.window + sequence!.horizon);
  if (steps < needed)
    throw invalid(
      `The file has ${steps} steps, and a window of ${sequence!.window} with a horizon of ${sequence!.horizon} needs at least ${needed}; choose a shorter window`,
    );
}

interface Encoded {
  readonly table: Table;
  readonly features: readonly string[];
  /** Indices of the features that hold category codes. */
  readonly codes: readonly number[];
  readonly classes: readonly string[];
  /** Names of the folds, none where the table has none of its own. */
  readonly folds: readonly string[];
  readonly target: string;
}

/** @throws WorkbenchError `invalid-file` that names row and column */
export function encodeTable(text: TextTable, request: TableImport): Encoded {
  const { target, fold } = checkUses(text, request);
  const cells = keptRows(text, request);
  if (cells.length < 2)
    throw invalid(`${cells.length} of ${text.cells.length} rows have no missing value; fill in the mean, or leave out the columns with many gaps`);
  const chosen = request.uses.flatMap((use, column) => (['ignore', 'target', 'fold'].includes(use) ? [] : featuresOf(text, column, use)));
  const features = request.sequence ? [...chosen, ...featuresOf(text, target, 'number')] : chosen;
  if (request.sequence) checkSequence(request, cells.length);
  if (features.length === 0) throw invalid('Every column but the target is left out; choose at least one feature');
  if (features.length > mostFeatures)
    throw invalid(`The columns make ${features.length} features, more than ${mostFeatures}; use codes instead of one-hot, or leave columns out`);
  const classes = request.task === 'classification' ? categoriesOf({ ...text, cells }, target) : [];
  if (classes.length === 1)
    throw invalid(`The rows without gaps are all of class '${classes[0]}'; classification needs at least two. Fill in the mean, or choose another target`);
  const folds = fold < 0 ? [] : categoriesOf({ ...text, cells }, fold);
  if (folds.length === 1)
    throw invalid(`The rows without gaps are all of fold '${folds[0]}'; a split needs at least two. Fill in the mean, or leave out the column`);
  const codes = features.flatMap(({ coded }, i) => (coded ? [i] : []));
  const x = new Float32Array(cells.length * features.length);
  cells.forEach((row, i) => features.forEach(({ value }, j) => (x[i * features.length + j] = value(row))));
  const y = Float32Array.from(cells, (row) => (request.task === 'regression' ? parseNumber(row[target]!) : classes.indexOf(row[target]!)));
  if ([x, y].some((values) => values.some((value) => Math.abs(value) === Infinity)))
    throw invalid('A value is larger than 3.4e38, the largest that can be computed with; rescale that column');
  const own = folds.length > 0 && { fold: Float32Array.from(cells, (row) => folds.indexOf(row[fold]!)) };
  return { table: { rows: cells.length, x, y, ...own }, features: features.map(({ name }) => name), codes, classes, folds, target: text.names[target]! };
}

/** Stores the file's table as `folder/id`. @throws WorkbenchError `invalid-file`, `disk-full` */
export async function importTable(id: string, request: TableImport, path: string, folder: string): Promise<ImportedTable> {
  const { table, features, codes, classes, folds, target } = encodeTable(await readTable(path), request);
  const hash = await writeTableFolder(join(folder, id), table);
  const { title, task, unit, sequence } = request;
  const described = { rows: table.rows, features: [...features], codes: [...codes], target: { name: target, unit }, classes: [...classes] };
  return { kind: 'table', id, title, hash, task, ...described, ...(folds.length > 0 && { folds: [...folds] }), ...(sequence && { sequence }) };
}
