/** @file How long a training step will take on a device, from what it must do and the device's rates. */
import type { DeviceRates } from '../../contract/device-rates';
import { RunSpec } from '../../contract/spec';
import { measureRates, type Rates, type Timer } from '../backends/device-rates';
import type { Device } from '../backends/device';
import { partition } from '../compiler/fusion/partition';
import { reachable } from '../compiler/graph';
import { trace } from '../compiler/trace';
import { workOf, type Product, type Work } from '../compiler/work';
import { float32, int32, type TensorSpecs } from '../numerics/host-tensor';
import { batchSpecs } from './batch-specs';
import { buildBayesianModel, type BayesianModel, type DataShape } from './bayesian-model';
import { initialState, initialStep } from './initial-state';
import { planTraining } from './plan';
import { specsOf } from './step-programs';

export interface StepWork extends Work {
  /** Left to the runtime, one by one. */
  readonly operations: number;
}

/** Batches are traced with at most this many rows; what larger ones must do grows in proportion. */
const tracedRows = 128;

/** Filters from which convolutions run at the rate of wide ones, and below which at that of thin ones. */
const [thin, wide] = [8, 64];

/** Milliseconds of the step that most of this run consists of, without the way of its metrics. @throws WorkbenchError if the document is no model */
export function estimateStep(spec: RunSpec, data: DataShape, rates: DeviceRates): number {
  const model = buildBayesianModel(spec, data);
  const rows = planTraining(spec.training, data.rows, model).batchSize;
  if (rows <= tracedRows) return rates.overhead * stepTime(stepWork(model, rows), rates);
  const [half, full] = [tracedRows / 2, tracedRows].map((count) => stepTime(stepWork(model, count), rates)) as [number, number];
  return rates.overhead * (full + ((rows - tracedRows) * (full - half)) / (tracedRows / 2));
}

/** The device's rates, and how far a known Bayesian step is from what they say. */
export async function calibrate(device: Device, time: Timer): Promise<DeviceRates> {
  const rates = await measureRates(device, time);
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
  return { ...rates, overhead: ms / stepTime(stepWork(model, rows), rates) };
}

function stepTime({ flops, bytes, normals, convolutions = [], operations }: StepWork, rates: Rates): number {
  const convolving = convolutions.reduce((ms, product) => ms + flopsOf(product) / convolutionRate(product, rates) / 1e6, 0);
  return flops / rates.gflops / 1e6 + convolving + bytes / rates.bandwidth / 1e6 + normals / rates.normals / 1e6 + operations * rates.operationMs;
}

const flopsOf = ([count, rows, inner, columns]: Product): number => 2 * count * rows * inner * columns;

/** Between the rates of thin and wide ones as the logarithm of its narrower side. */
function convolutionRate([, , inner, columns]: Product, { thinConvolutions, wideConvolutions }: Rates): number {
  const share = Math.log(Math.min(inner, columns) / thin) / Math.log(wide / thin);
  return thinConvolutions + (wideConvolutions - thinConvolutions) * Math.min(1, Math.max(0, share));
}

function stepWork(model: BayesianModel, rows: number): StepWork {
  const { info } = trace(initialStep(model), { state: {} });
  const state = Object.fromEntries(Object.entries(info).map(([path, { dtype, shape }]) => [path, { dtype, shape } as TensorSpecs[string]]));
  const { step, hyper } = typicalMove(model);
  const shapes = { state, batch: batchSpecs(model, rows), hyper: Object.keys(hyper) };
  const traced = trace(model.algorithm.steps[step]!, shapes);
  const alone = reachable(Object.values(partition(traced).core)).filter(({ inputs, op }) => inputs.length > 0 && op !== 'expand');
  return { ...workOf(traced, shapes), operations: alone.length };
}

/** Of the middle of a training. */
function typicalMove({ algorithm }: BayesianModel) {
  const [epochs, stepsPerEpoch] = [10, 100];
  return algorithm.schedule({ step: 5 * stepsPerEpoch, epoch: 5, stepInEpoch: 0, stepsPerEpoch, epochs });
}
