/** @file A step that the bench times: what compiles and what it is run on. */
import { RunSpec } from '../src-main/contract/spec';
import type { Device, Program, ProgramShapes, RunInput } from '../src-main/engine/backends/device';
import { buildBayesianModel, type BayesianModel } from '../src-main/engine/training/bayesian-model';
import { presets } from '../src-main/engine/nn/presets';
import { float32, type HostTensors, int32, specsOf } from '../src-main/engine/numerics/host-tensor';
import type { Step } from '../src-main/engine/numerics/step';
import { initialState } from '../src-main/engine/training/initial-state';
import { bestOf } from './timing';

const rows = 60_000;
export const batchSize = 100;
const classes = 10;
/** Of one row: an image, or for recurrent nets 28 steps of 28 pixels. */
const inputShapeOf = (net: Net): readonly number[] => (net === 'lstm' || net === 'gru' ? [28, 28] : [28, 28, 1]);
const inputs = 784;

export type Settings = { readonly [name: string]: string | number | boolean };

/** Widths of the hidden layers, or a preset's id. */
export type Net = readonly number[] | string;

export interface Case {
  readonly step: Step;
  readonly shapes: ProgramShapes;
  readonly state: HostTensors;
  readonly batch: HostTensors;
  readonly hyper: { readonly [name: string]: number };
}

/** A classifier of MNIST's shape by a registered method. */
export function modelOf(method: string, settings: Settings, net: Net): { spec: RunSpec; model: BayesianModel } {
  const architecture =
    typeof net === 'string'
      ? presets.find(({ id }) => id === net)!.architecture
      : { layers: [{ kind: 'flatten' }, ...net.map((units) => ({ kind: 'dense', settings: { units } })), { kind: 'output' }] };
  const spec = RunSpec.parse({ dataset: { id: 'mnist' }, architecture, likelihood: { id: 'categorical' }, method: { id: method, settings } });
  return { spec, model: buildBayesianModel(spec, { task: { kind: 'classification', outputs: classes }, inputShape: inputShapeOf(net), rows }) };
}

/** The step that most of a run consists of, on a batch of no meaning: its time does not depend on the data. */
export function trainingStep(device: Device, method: string, settings: Settings, net: Net): Promise<Case> {
  const batch: HostTensors = {
    x: float32(
      [batchSize, ...inputShapeOf(net)],
      Float32Array.from({ length: batchSize * inputs }, (_, i) => Math.sin(i * 12.9898)),
    ),
    y: int32(
      [batchSize],
      Int32Array.from({ length: batchSize }, (_, i) => i % classes),
    ),
  };
  return stepOn(device, modelOf(method, settings, net), batch);
}

/** The same of any model. */
export async function stepOn(device: Device, { spec, model }: { readonly spec: RunSpec; readonly model: BayesianModel }, batch: HostTensors): Promise<Case> {
  const state = await initialState({ model, device, training: spec.training });
  const stepsPerEpoch = model.data.rows / batch['x']!.shape[0]!;
  const { step, hyper } = model.algorithm.schedule({ step: stepsPerEpoch, epoch: 1, stepInEpoch: 0, stepsPerEpoch, epochs: 10 });
  const shapes = { state: specsOf(state), batch: specsOf(batch), hyper: Object.keys(hyper) };
  return { step: model.algorithm.steps[step]!, shapes, state, batch, hyper };
}

/** Milliseconds per step, metrics and noise included; the state lives on the device as in a run. */
export async function timeCase(device: Device, { step, shapes, state, batch, hyper }: Case): Promise<number> {
  const uploaded = device.upload(state);
  const program = await device.compile(step, shapes);
  const ms = await timeProgram(program, { state: uploaded, batch, hyper });
  await program.dispose();
  uploaded.dispose();
  return ms;
}

/** Milliseconds per run, with new noise every time. */
export function timeProgram(program: Program, input: Omit<RunInput, 'noise'>): Promise<number> {
  let step = 0;
  return bestOf(() => program.run({ ...input, noise: { seed: 1, step: step++ } }));
}
