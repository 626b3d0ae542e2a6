/** @file What the batches of a model look like, without its data. */
import { sizeOf, specsOf, type TensorSpecs } from '../numerics/host-tensor';
import type { BayesianModel } from './bayesian-model';
import { Minibatches } from './minibatches';

export function batchSpecs({ data: { task, inputShape }, algorithm: { members, resampling } }: BayesianModel, rows: number): TensorSpecs {
  const own = members !== undefined && resampling ? { members, resampling } : undefined;
  const y = task.kind === 'classification' ? new Int32Array(rows) : new Float32Array(rows * task.outputs);
  return specsOf(new Minibatches({ rows, x: new Float32Array(rows * sizeOf(inputShape)), y }, inputShape, rows, 0, own).at(0));
}
