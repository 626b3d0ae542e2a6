/** @file Whether a device computes what it should: one known step beside the oracle's. */
import { RunSpec } from '../../contract/spec';
import type { Device } from '../backends/device';
import { tfjsCpu } from '../backends/tfjs-cpu';
import { float32, int32, sizeOf } from '../numerics/host-tensor';
import { buildBayesianModel } from './bayesian-model';
import { firstStep, largestDifference, type Difference, type FirstStep } from './first-step';
import { initialState } from './initial-state';

const rows = 8;
const features = 6;
const classes = 3;

/** Bayes by Backprop touches products, noise, gradients and an optimiser with memory; without shared noise, MAP does all but the noise. */
const specOf = (method: 'bbp' | 'map'): RunSpec =>
  RunSpec.parse({
    dataset: { id: 'self-test' },
    architecture: { layers: [{ kind: 'dense', settings: { units: 12 } }, { kind: 'output' }] },
    likelihood: { id: 'categorical' },
    method: { id: method, settings: { optimiser: 'adam' } },
  });

const wave = (shape: readonly number[]) =>
  float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1.3 * i)),
  );

/** How far the device's loss and updated parameters are from the oracle's, for the same state, batch and noise. */
export async function selfTest(device: Device): Promise<Difference> {
  const spec = specOf(device.ownNoise ? 'map' : 'bbp');
  const model = buildBayesianModel(spec, { task: { kind: 'classification', outputs: classes }, inputShape: [features], rows });
  const oracle = await tfjsCpu.open({ threads: 1 });
  try {
    const step: FirstStep = {
      model,
      initial: await initialState({ model, device: oracle, training: spec.training }),
      batch: {
        x: wave([rows, features]),
        y: int32(
          [rows],
          Int32Array.from({ length: rows }, (_, i) => i % classes),
        ),
      },
    };
    return largestDifference(await firstStep(step, device), await firstStep(step, oracle));
  } finally {
    await oracle.close();
  }
}
