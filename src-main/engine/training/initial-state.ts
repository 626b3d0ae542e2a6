/** @file Where a training starts. */
import { Tensor } from '@tensorflow/tfjs-core';
import type { Training } from '../../contract/spec';
import type { Device } from '../backends/device';
import type { HostTensors } from '../numerics/host-tensor';
import { fold } from '../numerics/random';
import type { Step } from '../numerics/step';
import { flattenTree } from '../numerics/tree';
import type { BayesianModel } from './bayesian-model';

const isTensor = (leaf: unknown): leaf is Tensor => leaf instanceof Tensor;

/** Makes the state of step 0, as named outputs. */
export const initialStep =
  ({ algorithm }: Pick<BayesianModel, 'algorithm'>): Step =>
  (_state, _batch, key) => ({ info: Object.fromEntries(flattenTree(algorithm.init(fold(key, 'initial state')), isTensor)) });

/** The state of step 0. */
export async function initialState({
  model,
  device,
  training,
}: {
  readonly model: BayesianModel;
  readonly device: Device;
  readonly training: Training;
}): Promise<HostTensors> {
  const empty = device.upload({});
  const program = await device.compile(initialStep(model), { state: {} }, `${model.identity} init`);
  const info = await program.run({ state: empty, noise: { seed: training.seed, step: 0 } });
  const state = Object.fromEntries(Object.entries(info).map(([path, tensor]) => [path, { ...tensor, data: tensor.data.slice() } as typeof tensor]));
  await program.dispose();
  empty.dispose();
  return state;
}
