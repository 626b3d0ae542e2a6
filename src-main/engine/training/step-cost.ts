/** @file How long a training step will take on a device, from what it must do and the device's rates. */
import type { DeviceRates } from '../../contract/device-rates';
import { RunSpec } from '../../contract/spec';
import type { Device } from '../backends/device';
import { measureRates, type Rates, type Timer } from '../backends/device-rates';
import { outputSpecs, stepTime } from '../backends/step-time';
import { float32, int32, specsOf, type TensorSpecs } from '../numerics/host-tensor';
import { batchSpecs } from './batch-specs';
import { buildBayesianModel, type BayesianModel, type DataShape } from './bayesian-model';
import { initialState, initialStep } from './initial-state';
import { planTraining } from './plan';

/** Batches are traced with at most this many rows; what larger ones must do grows in proportion. */
const tracedRows = 128;

/** Milliseconds of the step that most of this run consists of, without the way of its metrics. @throws WorkbenchError if the document is no model */
export function estimateStep(spec: RunSpec, data: DataShape, rates: DeviceRates): number {
  const model = buildBayesianModel(spec, data);
  const rows = planTraining(spec.training, data.rows, model).batchSize;
  const state = outputSpecs(initialStep(model));
  if (rows <= tracedRows) return rates.overhead * typicalTime(model, state, rows, rates);
  const [half, full] = [tracedRows / 2, tracedRows].map((count) => typicalTime(model, state, count, rates)) as [number, number];
  return rates.overhead * (full + ((rows - tracedRows) * (full - half)) / (tracedRows / 2));
}

/** The device's rates beside that of products, and how far a known Bayesian step is from what they say. */
export async function calibrate(device: Device, time: Timer, gflops: number): Promise<DeviceRates> {
  const rates = await measureRates(device, time, gflops);
  const spec = RunSpec.parse({
    dataset: { id: 'calibration' },
    architecture: { layers: [{ kind: 'dense', settings: { units: 400 } }, { kind: 'dense', settings: { units: 400 } }, { kind: 'output' }] },
    likelihood: { id: 'categorical' },
    method: { id: 'bbp', settings: { draws: 1, firstEpochDraws: 1 } },
  });
  const [rows, inputs, classes] = [100, 784, 10];
  const model = buildBayesianModel(spec, { task: { kind: 'classification', outputs: classes }, inputShape: [inputs], rows });
  const initial = await initialState({ model, device, training: spec.training });
  const { step, hyper } = typicalMove(model);
  const batch = { x: float32([rows, inputs]), y: int32([rows]) };
  const state = device.upload(initial);
  const program = await device.compile(model.algorithm.steps[step]!, { state: state.specs, batch: specsOf(batch), hyper: Object.keys(hyper) });
  let count = 0;
  const ms = await time(() => program.run({ state, batch, hyper, noise: { seed: 1, step: count++ } }));
  await program.dispose();
  state.dispose();
  return { ...rates, overhead: ms / typicalTime(model, state.specs, rows, rates) };
}

function typicalTime(model: BayesianModel, state: TensorSpecs, rows: number, rates: Rates): number {
  const { step, hyper } = typicalMove(model);
  const shapes = { state, batch: batchSpecs(model, rows), hyper: Object.keys(hyper) };
  return stepTime(model.algorithm.steps[step]!, shapes, rates);
}

/** Of the middle of a training. */
function typicalMove({ algorithm }: BayesianModel) {
  const [epochs, stepsPerEpoch] = [10, 100];
  return algorithm.schedule({ step: 5 * stepsPerEpoch, epoch: 5, stepInEpoch: 0, stepsPerEpoch, epochs });
}
