/** @file `runs export RUN FILE` and `runs import FILE`: the ending of the file says what a run is exported as. */
import { copyFileSync, existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { WorkbenchError } from '../contract/errors';
import { RunId } from '../contract/ids';
import { ExportFormat, RunExport } from '../contract/run-export';
import { newUpload } from '../store/uploads';
import { exitCodes } from './exit-codes';
import type { CommandLine } from './flags';
import type { Session } from './session';

/** Returns the exit code. */
export async function exportRun({ client }: Session, { words, options }: CommandLine): Promise<number> {
  const [, id, target, ...rest] = words;
  const run = RunId.safeParse(id);
  const format = ExportFormat.options.filter((ending) => target?.endsWith(`.${ending}`)).at(-1); // the longer ending stands later
  if (!run.success || !target || !format || rest.length > 0)
    throw new WorkbenchError(
      'invalid-spec',
      'Say which run and file: npm run runs -- export RUN FILE, which ends in .credence, .onnx, .int8.onnx or .safetensors [--draws N]',
    );
  if (existsSync(target)) throw new WorkbenchError('invalid-file', `${target} exists already; choose another name`);
  const draws = RunExport.shape.draws.safeParse(options['draws'] === undefined ? undefined : Number(options['draws']));
  if (!draws.success) throw new WorkbenchError('invalid-spec', `--draws ${options['draws']}: give a whole number from 1 to 1000`);
  const { file, bytes } = await client.call('runs.export', { run: run.data, format, draws: draws.data });
  try {
    const { dataDir } = await client.call('app.info', null);
    explaining(target, () => copyFileSync(join(dataDir, 'uploads', file), target));
  } finally {
    await client.call('files.discard', file);
  }
  console.log(`${target}, ${(bytes / 1e6).toFixed(1)} MB`);
  return exitCodes.succeeded;
}

/** Prints the new run's id; returns the exit code. */
export async function importRun({ client }: Session, { words }: CommandLine): Promise<number> {
  const [, path, ...rest] = words;
  if (!path || rest.length > 0) throw new WorkbenchError('invalid-spec', 'Say which file: npm run runs -- import FILE.credence');
  const { dataDir } = await client.call('app.info', null);
  const upload = newUpload(join(dataDir, 'uploads'));
  explaining(path, () => copyFileSync(path, upload.path));
  try {
    console.log((await client.call('runs.import', { file: upload.file, title: basename(path) })).id);
  } finally {
    await client.call('files.discard', upload.file);
  }
  return exitCodes.succeeded;
}

/** @throws WorkbenchError `invalid-file` that names the path */
function explaining(path: string, copy: () => void): void {
  try {
    copy();
  } catch (cause) {
    throw new WorkbenchError('invalid-file', `${path} cannot be read or written: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
