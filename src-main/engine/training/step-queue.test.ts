/** @file A device that has the rows and works ahead trains to the same bits as one that is fed and asked step by step. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDevice } from '../backends';
import type { Device, Program, ResidentRows, RunInput } from '../backends/device';
import { rememberPrograms } from '../backends/program-store';
import { float32, int32, sizeOf, type HostTensor, type HostTensors } from '../numerics/host-tensor';
import { buildBayesianModel, type BayesianModel } from './bayesian-model';
import { compiling } from './step-testing';
import { blobData, blobShape, blobSpec, phasedModel, Recorder } from './testing';
import { train, type Checkpoint } from './train';

class HostRows implements ResidentRows {
  readonly specs;
  isDisposed = false;
  constructor(readonly tensors: HostTensors) {
    this.specs = Object.fromEntries(Object.entries(tensors).map(([name, { dtype, shape }]) => [name, { dtype, shape }]));
  }
  dispose(): void {
    this.isDisposed = true;
  }
}

const copyOf = (tensors: HostTensors): HostTensors => structuredClone(tensors);

/** Picks rows as a device that keeps them. */
function picked({ rows, numbers }: NonNullable<RunInput['resident']>): HostTensors {
  const picks = Object.entries((rows as HostRows).tensors).map(([name, { data, shape, dtype }]): [string, HostTensor] => {
    const width = sizeOf(shape.slice(1));
    const values = [...numbers.data].flatMap((row) => [...data.subarray(row * width, (row + 1) * width)]);
    const to = [...numbers.shape, ...shape.slice(1)];
    return [name, dtype === 'float32' ? float32(to, Float32Array.from(values)) : int32(to, Int32Array.from(values))];
  });
  return Object.fromEntries(picks);
}

/** The device with rows of its own and metrics that wait. */
function working(device: Device): Device & { readonly waits: number[]; readonly kept: HostRows[] } {
  const waits: number[] = [];
  const kept: HostRows[] = [];
  const compile: Device['compile'] = async (step, { resident, ...shapes }, identity) => {
    const program = await device.compile(step, shapes, identity);
    const waiting: HostTensors[] = [];
    const run = (input: RunInput) => program.run(input.resident ? { ...input, batch: { ...input.batch, ...picked(input.resident) } } : input);
    const launched: Program = {
      ...{ run, dispose: () => program.dispose() },
      launch: async (input) => void waiting.push(copyOf(await run(input))),
      collect: async () => (waits.push(waiting.length), waiting.splice(0)),
    };
    return resident ? launched : program;
  };
  const { backend, name, engine, threads } = device;
  const keepRows = async (tensors: HostTensors) => (kept.push(new HostRows(tensors)), kept.at(-1)!);
  return { ...{ backend, name, engine, threads, waits, kept, compile, keepRows }, upload: (state) => device.upload(state), close: () => device.close() };
}

/** The device without rows of its own and metrics that wait. */
function waiting(device: Device): Device {
  const compile: Device['compile'] = async (...request) => {
    const program = await device.compile(...request);
    return { run: (input) => program.run(input), dispose: () => program.dispose() };
  };
  const { backend, name, engine, threads } = device;
  return { ...{ backend, name, engine, threads, compile }, upload: (state) => device.upload(state), close: () => device.close() };
}

/** A software adapter takes 50 ms for the smallest step; what it has in common with other devices, they test. */
const isSlow = compiling === 'onnxruntime-webgpu';
const { training } = blobSpec({ training: { epochs: isSlow ? 2 : 3, batchSize: 8, validateEvery: 10, validationDraws: 1 } });

const ensemble = buildBayesianModel(blobSpec({ method: { id: 'bootstrap-ensemble', settings: { members: 2, learningRate: 0.2 } } }), blobShape);
const bbp = buildBayesianModel(blobSpec({ method: { id: 'bbp', settings: { draws: 1, firstEpochDraws: 2, learningRate: 0.2 } } }), blobShape);

describe(`steps taken ahead on ${compiling}`, () => {
  let asked: Device;
  let ahead: ReturnType<typeof working> | Device;
  beforeAll(async () => {
    const device = await openDevice(compiling, { threads: 1, programs: rememberPrograms() });
    [ahead, asked] = device.keepRows ? [device, waiting(device)] : [working(device), device];
  });
  afterAll(() => asked.close());

  type Course = { readonly from?: Checkpoint | null; readonly stopAt?: number; readonly data?: typeof blobData };
  async function trained(device: Device, model: BayesianModel, { from = null, stopAt = Infinity, data = blobData }: Course = {}) {
    let isStopping = false;
    const recorder = new Recorder((step) => (isStopping ||= step === stopAt));
    await train({ model, device, training, data, from, control: () => (isStopping ? 'stop' : 'run'), listener: recorder });
    return { recorder, last: recorder.checkpoints.at(-1)! };
  }
  const told = ({ steps, epochs, draws, order }: Recorder) => ({ steps, epochs, draws, order });

  // Mutation caught: rows in another order, metrics lost, told twice or of other steps, a draw or checkpoint before the metrics that belong to it.
  const models: [string, BayesianModel][] = [
    ['Bayes by Backprop', bbp],
    ['a bootstrap ensemble', ensemble],
    ['every phase', phasedModel()],
  ];
  it.each(isSlow ? models.slice(0, 1) : models)('tell and leave the same bits: %s', async (_name, model) => {
    const [one, other] = [await trained(ahead, model), await trained(asked, model)];
    expect(told(one.recorder)).toEqual(told(other.recorder));
    expect(one.recorder.steps.length).toBeGreaterThanOrEqual(7 * training.epochs);
    expect(one.last).toEqual(other.last);
  });

  it.skipIf(isSlow)('can be resumed from any checkpoint to the same bits', async () => {
    const whole = await trained(ahead, bbp);
    const first = await trained(ahead, bbp, { stopAt: 9 });
    expect(first.last.step).toBeGreaterThanOrEqual(9);
    expect(first.recorder.steps.at(-1)!.step).toBe(first.last.step);
    const second = await trained(ahead, bbp, { from: first.last });
    expect(second.last).toEqual(whole.last);
    expect([...first.recorder.steps, ...second.recorder.steps]).toEqual(whole.recorder.steps);
  });

  it.skipIf(isSlow)('diverge with the number of the step that did', async () => {
    const { train: rows } = blobData;
    const data = { ...blobData, train: { ...rows, x: rows.x.with(2 * 17, NaN) } };
    const model = buildBayesianModel(blobSpec(), blobShape);
    const faults: unknown[] = [];
    for (const device of [ahead, asked]) faults.push(await trained(device, model, { data }).catch((error: unknown) => error));
    expect(faults[0]).toMatchObject({ code: 'diverged' });
    expect((faults[0] as Error).message).toBe((faults[1] as Error).message);
  });

  it.skipIf(isSlow)('wait for more and more steps, never beyond an epoch; the rows are freed', async () => {
    const device = ahead as ReturnType<typeof working>;
    device.waits.length = 0;
    await trained(device, bbp);
    expect(device.waits.reduce((sum, n) => sum + n)).toBe(21);
    expect(Math.max(...device.waits)).toBeGreaterThan(1);
    expect(device.waits.length).toBeGreaterThanOrEqual(6); // full batches and the smaller one, of three epochs
    expect(device.kept.every(({ isDisposed }) => isDisposed)).toBe(true);
  });
});
