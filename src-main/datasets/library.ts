/** @file Which datasets there are and what is on disk: list, prepare, delete. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetStatus, ImportedDataset } from '../contract/dataset';
import { EntryId } from '../contract/ids';
import { WorkbenchError } from '../contract/errors';
import type { DatasetKind, LoadContext } from './dataset';
import { bytesOf, readManifest } from './image-folder';
import { datasets } from './index';
import { registered } from './open';

async function statusOfKind(kind: DatasetKind, folder: string): Promise<DatasetStatus> {
  const { id, title, task, source, description, citation, licence } = kind;
  const stored = await kind.stored(folder);
  return {
    ...{ id, title, task, source, description, citation, licence },
    state: stored ? 'ready' : 'missing',
    progress: null,
    error: null,
    rows: stored?.rows ?? null,
    bytes: stored?.bytes ?? null,
    hash: stored?.hash ?? null,
    inputShape: [...kind.inputShape],
    classes: [...kind.classes],
  };
}

async function statusOfImported({ id, title, hash, rows, imageShape, classes }: ImportedDataset, folder: string): Promise<DatasetStatus> {
  const manifest = await readManifest(join(folder, id));
  return {
    ...{ id, title, hash, rows, classes },
    task: 'classification',
    source: 'import',
    state: manifest ? 'ready' : 'failed',
    progress: null,
    error: manifest ? null : { code: 'not-found', message: `The files of ${title} are no longer in the data folder; delete it and import it again` },
    bytes: manifest ? bytesOf(manifest) : null,
    description: `${rows.train} training and ${rows.test} test images of ${imageShape.join(' × ')} pixels in ${classes.length} classes, imported from IDX files.`,
    citation: '',
    licence: '',
    inputShape: [...imageShape, 1],
  };
}

/** Every dataset, registered ones first. Reads no rows. */
export async function listDatasets(folder: string, imported: readonly ImportedDataset[]): Promise<DatasetStatus[]> {
  return Promise.all([...Object.values(datasets).map((kind) => statusOfKind(kind, folder)), ...imported.map((row) => statusOfImported(row, folder))]);
}

/** Downloads or makes a registered dataset. @throws WorkbenchError `not-found`, and what `DatasetKind.prepare` throws */
export async function prepareDataset(id: string, context: LoadContext): Promise<void> {
  const kind = registered(id);
  if (!kind) throw new WorkbenchError('not-found', `There is no dataset '${id}' to prepare; registered are ${Object.keys(datasets).join(', ')}`);
  await kind.prepare(context);
}

/** Removes a dataset's files, also those of an unfinished download. Registered ones can be made or downloaded again. */
export async function deleteDataset(id: string, folder: string): Promise<void> {
  const name = EntryId.parse(id); // it becomes part of a path
  for (const path of [name, `${name}.download`]) await rm(join(folder, path), { recursive: true, force: true });
}
