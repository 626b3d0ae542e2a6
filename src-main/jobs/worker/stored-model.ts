/** @file From a run's document to its data and its model. */
import { WorkbenchError } from '../../contract/errors';
import type { Part, ImportedDataset } from '../../contract/dataset';
import type { RunSpec } from '../../contract/spec';
import type { PreparedDataset } from '../../datasets/dataset';
import { loadDataset } from '../../datasets/load';
import { buildBayesianModel, type BayesianModel } from '../../engine/training/bayesian-model';

export interface ModelRequest {
  readonly spec: RunSpec;
  readonly imported: readonly ImportedDataset[];
  /** What the data was when the run began; null at the first start. */
  readonly datasetHash: string | null;
  readonly parts: readonly Part[];
  readonly folder: string;
  readonly signal: AbortSignal;
  report(fraction: number, message: string): void;
}

/** @throws WorkbenchError `dataset-changed`, `invalid-spec`, `shape-mismatch`, and what loading throws */
export async function openModel({ spec, datasetHash, ...request }: ModelRequest): Promise<{ dataset: PreparedDataset; model: BayesianModel }> {
  const { validationFraction, seed } = spec.training;
  const dataset = await loadDataset(spec.dataset, { ...request, validationFraction, seed });
  if (datasetHash !== null && dataset.hash !== datasetHash) {
    throw new WorkbenchError(
      'dataset-changed',
      `${dataset.title} is not the data this run began with (SHA-256 ${dataset.hash.slice(0, 12)}… instead of ${datasetHash.slice(0, 12)}…); bring the old files back, or duplicate the run and train anew`,
    );
  }
  return { dataset, model: buildBayesianModel(spec, { task: dataset.task, inputShape: dataset.inputShape, rows: dataset.train.rows }) };
}
