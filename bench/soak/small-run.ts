/** @file The run that is soaked: small, but with fused passes, noise, validation and checkpoints, so that steps are many and faults have their chance. */
import type { RunSpecInput } from '../../src-main/contract/spec';
import { inferenceMethods } from '../../src-main/engine/inference';
import type { InferenceMethod } from '../../src-main/engine/inference/method';

export const methods: readonly InferenceMethod[] = Object.values(inferenceMethods);

/** Rows of the toy data's training part after a tenth is held out. */
const rows = 225;
const batchSize = 25;

/** About `steps` steps of a method. One hidden kernel of 64 × 64 is just large enough for fused passes. */
export function smallRun({ id, batches }: Pick<InferenceMethod, 'id' | 'batches'>, steps: number): RunSpecInput {
  const stepsPerEpoch = batches === 'all' ? 1 : rows / batchSize;
  const epochs = Math.ceil(steps / stepsPerEpoch);
  return {
    name: `soak ${id}`,
    dataset: { id: 'toy-homoscedastic' },
    architecture: {
      layers: [{ kind: 'flatten' }, ...[64, 64].map((units) => ({ kind: 'dense', settings: { units, activation: 'tanh' } })), { kind: 'output' }],
    },
    likelihood: { id: 'gaussian', settings: { noise: 'fixed', sd: 0.1 } },
    prior: { id: 'gaussian', settings: { sd: 1 } },
    method: { id, settings: gentle[id] ?? {} },
    training: { epochs, batchSize, validateEvery: Math.max(1, Math.round(200 / stepsPerEpoch)), checkpointEvery: 1, keptDraws: 20 },
    compute: { threads: 2 },
  };
}

/** Where the defaults are made for other data: they would diverge, take minutes or be refused on this net. */
const gentle: { readonly [method: string]: NonNullable<RunSpecInput['method']['settings']> } = {
  hmc: { leapfrogSteps: 3, stepSize: 1e-4 },
  'calibrated-bbp': { loss: 'eau' },
  swa: { learningRate: 1e-4, averagingRate: 1e-4 },
  swag: { learningRate: 1e-4, averagingRate: 1e-4 },
};
