/** @file Every registry as one document. */
import type { Catalogue } from '../../contract/catalogue';
import { datasets } from '../../datasets';
import type { DatasetKind } from '../../datasets/dataset';
import { describeEngine, describeEntry } from '../../engine/training/catalogue';
import { experiments } from '../../experiments';

export const describeCatalogue = (): Catalogue => ({
  ...describeEngine(),
  datasets: Object.values<DatasetKind>(datasets).map((kind) => ({
    ...describeEntry({ ...kind, reference: kind.citation, help: kind.description }),
    task: kind.task,
    inputShape: [...kind.inputShape],
    classes: [...kind.classes],
    recommended: { ...kind.recommended },
  })),
  experiments: Object.values(experiments).map(describeEntry),
});
