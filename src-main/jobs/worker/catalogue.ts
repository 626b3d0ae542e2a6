/** @file Every registry as one document. */
import type { Catalogue } from '../../contract/catalogue';
import type { ImportedDataset } from '../../contract/dataset';
import { datasets } from '../../datasets';
import type { DatasetKind } from '../../datasets/dataset';
import { importedTable } from '../../datasets/table';
import { describeEngine, describeEntry } from '../../engine/training/catalogue';
import { experiments } from '../../experiments';

/** Imported tables stand beside the registered datasets: they have settings and recommendations too. */
export const describeCatalogue = (imported: readonly ImportedDataset[]): Catalogue => ({
  ...describeEngine(),
  datasets: [...Object.values<DatasetKind>(datasets), ...imported.filter((row) => row.kind === 'table').map(importedTable)].map((kind) => ({
    ...describeEntry({ ...kind, reference: kind.citation, help: kind.description }),
    task: kind.task,
    inputShape: [...kind.inputShape],
    classes: [...kind.classes],
    target: { ...kind.target },
    recommended: { ...kind.recommended },
    table: 'fold' in kind.settings.shape,
    published: [...(kind.published ?? [])],
  })),
  experiments: Object.values(experiments).map(describeEntry),
});
