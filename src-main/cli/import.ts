/** @file `import FILE`: a table becomes a dataset of its own. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeIssues, WorkbenchError } from '../contract/errors';
import { ColumnUse, TableImport, type TablePreview } from '../contract/table';
import { newUpload } from '../store/uploads';
import { exitCodes } from './exit-codes';
import type { CommandLine } from './flags';
import type { Session } from './session';
import { formatTable } from './table';

const columnFlags = ['target', 'number', 'one-hot', 'codes', 'fold', 'ignore'] as const;
const flags = ['title', 'task', 'missing', 'unit', 'window', 'horizon', ...columnFlags];

/** The suggested uses, but for the columns that the flags name. @throws WorkbenchError `invalid-spec` */
export function chooseUses({ columns, uses: suggested }: Pick<TablePreview, 'columns' | 'uses'>, chosen: ReadonlyMap<string, string>): ColumnUse[] {
  const uses = [...suggested];
  for (const use of columnFlags) {
    const named = (chosen.get(use) ?? '').split(',').filter((name) => name.trim() !== '');
    for (const name of named) {
      const column = columns.findIndex((one) => one.name === name.trim());
      if (column < 0)
        throw new WorkbenchError('invalid-spec', `--${use}: there is no column '${name.trim()}'; the file has ${columns.map((one) => one.name).join(', ')}.`);
      // Another target: the suggested one becomes a feature.
      if (use === 'target') uses.forEach((other, i) => other === 'target' && (uses[i] = columns[i]!.kind === 'number' ? 'number' : 'one-hot'));
      uses[column] = ColumnUse.parse(use);
    }
  }
  return uses;
}

/** Returns the exit code. */
export async function importTable({ client }: Session, { words, edits }: CommandLine): Promise<number> {
  const [path, ...rest] = words;
  const chosen = new Map(edits.map(({ path: [flag], value }) => [flag!, String(value)]));
  const unknown = [...chosen.keys()].find((flag) => !flags.includes(flag));
  if (!path || rest.length > 0 || unknown)
    throw new WorkbenchError(
      'invalid-spec',
      `Say which file: npm run import -- FILE --title TITLE [${flags
        .slice(1)
        .map((flag) => `--${flag}`)
        .join(', ')}]; columns by name, separated by commas.`,
    );
  const given = (names: readonly string[], read: (text: string) => unknown = String) =>
    Object.fromEntries(names.flatMap((flag) => (chosen.has(flag) ? [[flag, read(chosen.get(flag)!)]] : [])));
  const { dataDir } = await client.call('app.info', null);
  const upload = newUpload(join(dataDir, 'uploads'));
  try {
    copyFileSync(path, upload.path);
  } catch (cause) {
    throw new WorkbenchError('invalid-file', `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  try {
    const preview = await client.call('datasets.previewTable', upload.file);
    const uses = chooseUses(preview, chosen);
    const target = preview.columns[uses.indexOf('target')];
    const request = TableImport.safeParse({
      title: chosen.get('title') ?? path.replace(/^.*[\\/]/, '').replace(/\.\w+$/, ''),
      file: upload.file,
      task: chosen.get('task') ?? (target?.kind === 'category' ? 'classification' : 'regression'),
      uses,
      ...given(['missing', 'unit']),
      ...((chosen.has('window') || chosen.has('horizon')) && { sequence: given(['window', 'horizon'], Number) }),
    });
    if (!request.success) throw new WorkbenchError('invalid-spec', describeIssues(request.error));
    const id = await client.call('datasets.importTable', request.data);
    console.error(
      formatTable([
        ['column', 'values', 'missing', 'used as'],
        ...preview.columns.map(({ name, kind, missing }, i) => [name, kind, String(missing), uses[i]!]),
      ]),
    );
    console.log(id);
    return exitCodes.succeeded;
  } finally {
    await client.call('files.discard', upload.file);
  }
}
