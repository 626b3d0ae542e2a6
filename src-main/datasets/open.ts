/** @file From the id in a run's spec to raw data, whether registered or imported. */
import { join } from 'node:path';
import type { ImportedDataset } from '../contract/dataset';
import { WorkbenchError } from '../contract/errors';
import type { Component } from '../contract/spec';
import { datasets } from './index';
import type { DatasetCard, DatasetKind, ExactPredictive, HashedDataset, LoadContext, RawPart } from './dataset';
import { readImageFolder } from './image-folder';
import { Normalisation } from './normalisation';
import { importedTable } from './table';

/** The dataset of this id, registered or an imported table; imported images have no settings and are none. */
export function kindOf(id: string, imported: readonly ImportedDataset[]): DatasetKind | undefined {
  const row = imported.find((dataset) => dataset.id === id);
  return row?.kind === 'table' ? importedTable(row) : registered(id);
}

/** The registered dataset of this id, if any. */
export const registered = (id: string): DatasetKind | undefined => (datasets as Readonly<Record<string, DatasetKind>>)[id];

/** What to look at in place of a dataset that must be downloaded first; null if it is at hand, or nothing is like it. */
export async function standInFor({ id, settings }: Component, { imported, folder }: Pick<OpenContext, 'imported' | 'folder'>): Promise<Component | null> {
  const kind = kindOf(id, imported);
  if (!kind?.standIn || (await kind.stored(folder))) return null;
  return { id: kind.standIn.id, settings: { ...settings, ...kind.standIn.settings } };
}

export interface OpenedDataset extends Pick<DatasetCard, 'id' | 'title' | 'task' | 'inputShape' | 'classes' | 'target' | 'features' | 'codes'> {
  readonly raw: HashedDataset;
  /** Null for tables, whose columns are always standardised. */
  readonly normalisation: Normalisation | null;
  readonly exactPredictive: ((train: RawPart) => ExactPredictive) | null;
}

export interface OpenContext extends LoadContext {
  readonly imported: readonly ImportedDataset[];
}

/** Height and width of images; null for feature rows. */
export const imageShapeOf = (inputShape: readonly number[]): [height: number, width: number] | null =>
  inputShape.length === 3 ? [inputShape[0]!, inputShape[1]!] : null;

/**
 * Reads a dataset whole. A generated one that has not been made yet is made.
 *
 * @throws WorkbenchError `not-found` for an unknown id or data that must be downloaded first, `dataset-changed`, `cancelled`; ZodError for settings out of range.
 */
export async function openDataset({ id, settings }: Component, context: OpenContext): Promise<OpenedDataset> {
  const kind = kindOf(id, context.imported);
  if (kind) {
    const checked = kind.settings.parse(settings);
    const raw = await kind.load(context, checked);
    return {
      ...kind,
      raw,
      normalisation: 'normalisation' in checked ? Normalisation.parse(checked['normalisation']) : null,
      exactPredictive: kind.exactPredictive ? (train) => kind.exactPredictive!(train, checked) : null,
    };
  }
  const row = context.imported.find((dataset) => dataset.id === id);
  if (row?.kind !== 'images')
    throw new WorkbenchError(
      'not-found',
      `There is no dataset '${id}'; choose one of ${[...Object.keys(datasets), ...context.imported.map((dataset) => dataset.id)].join(', ')}`,
    );
  const raw = await readImageFolder(join(context.folder, id), row.title, context);
  if (raw.hash !== row.hash)
    throw new WorkbenchError(
      'dataset-changed',
      `${row.title} was changed on disk since it was imported (SHA-256 ${raw.hash.slice(0, 12)}… instead of ${row.hash.slice(0, 12)}…); delete it and import it again`,
    );
  return {
    id,
    title: row.title,
    task: 'classification',
    inputShape: [...row.imageShape, 1],
    classes: row.classes,
    target: { name: 'class', unit: '' },
    raw,
    normalisation: row.normalisation,
    exactPredictive: null,
  };
}
