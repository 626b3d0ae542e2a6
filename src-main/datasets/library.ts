/** @file Which datasets there are and what is on disk: list, prepare, delete. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetStatus, ImportedDataset, ImportedImages } from '../contract/dataset';
import { EntryId } from '../contract/ids';
import { reportError, WorkbenchError } from '../contract/errors';
import type { DatasetKind, LoadContext, StoredSummary } from './dataset';
import { bytesOf, readManifest, type Manifest } from './image-folder';
import { datasets } from './index';
import { registered } from './open';
import { importedTable } from './table';

type Found = Pick<DatasetStatus, 'state' | 'error' | 'rows' | 'bytes' | 'hash'>;

/** One damaged dataset must not hide the others. */
const failed = (error: unknown): Found => ({ state: 'failed', error: reportError(error), rows: null, bytes: null, hash: null });

async function statusOfKind(kind: DatasetKind, folder: string): Promise<DatasetStatus> {
  const { id, title, task, source, description, citation, licence } = kind;
  const found = (stored: StoredSummary | null): Found => ({
    state: stored ? 'ready' : 'missing',
    error: null,
    rows: stored?.rows ?? null,
    bytes: stored?.bytes ?? null,
    hash: stored?.hash ?? null,
  });
  return {
    ...{ id, title, task, source, description, citation, licence },
    ...(await kind.stored(folder).then(found, failed)),
    progress: null,
    inputShape: [...kind.inputShape],
    classes: [...kind.classes],
  };
}

async function statusOfImages({ id, title, hash, rows, imageShape, classes }: ImportedImages, folder: string): Promise<DatasetStatus> {
  const found = (manifest: Manifest | null): Found => {
    if (!manifest) throw new WorkbenchError('not-found', `The files of ${title} are no longer in the data folder; delete it and import it again`);
    return { state: 'ready', error: null, rows, bytes: bytesOf(manifest), hash };
  };
  return {
    ...{ id, title, classes },
    ...(await readManifest(join(folder, id)).then(found).catch(failed)),
    task: 'classification',
    source: 'import',
    progress: null,
    description: `${rows.train} training and ${rows.test} test images of ${imageShape.join(' × ')} pixels in ${classes.length} classes, imported from IDX files.`,
    citation: '',
    licence: '',
    inputShape: [...imageShape, 1],
  };
}

/** Every dataset, registered ones first. Reads no rows. */
export async function listDatasets(folder: string, imported: readonly ImportedDataset[]): Promise<DatasetStatus[]> {
  return Promise.all([
    ...Object.values(datasets).map((kind) => statusOfKind(kind, folder)),
    ...imported.map((row) => (row.kind === 'table' ? statusOfKind(importedTable(row), folder) : statusOfImages(row, folder))),
  ]);
}

/** Downloads or makes a registered dataset. @throws WorkbenchError `not-found`, and what `DatasetKind.prepare` throws */
export async function prepareDataset(id: string, context: LoadContext): Promise<void> {
  const kind = registered(id);
  if (!kind) throw new WorkbenchError('not-found', `There is no dataset '${id}' to prepare; registered are ${Object.keys(datasets).join(', ')}`);
  await kind.prepare(context);
}

/** Removes a dataset's files, also those of an unfinished download or import. Registered ones can be made or downloaded again. */
export async function deleteDataset(id: string, folder: string): Promise<void> {
  const name = EntryId.parse(id); // it becomes part of a path
  await mkdir(folder, { recursive: true });
  for (const entry of await readdir(folder)) {
    if (entry === name || entry === `${name}.download` || entry.startsWith(`${name}.partial-`)) await rm(join(folder, entry), { recursive: true, force: true });
  }
}
