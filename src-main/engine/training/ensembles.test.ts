import { describe, expect, it } from 'vitest';
import { openDevice } from '../backends';
import type { Device } from '../backends/device';
import { type HostTensors, specsOf } from '../numerics/host-tensor';
import { buildBayesianModel, type BayesianModel } from './bayesian-model';
import { StateDraws } from './draw-source';
import { initialState } from './initial-state';
import { Minibatches } from './minibatches';
import { rowCounts } from './resample';
import { blobData, blobShape, blobSpec, Recorder } from './testing';
import { train } from './train';

const device = await openDevice('onnxruntime-cpu', { threads: 1 });
const members = 3;
const point = { optimiser: 'adam', learningRate: 0.03 };
const modelOf = (id: string, settings: object = {}, rows = 50) => {
  const spec = blobSpec({ method: { id, settings: { ...point, ...settings } } });
  return { spec, model: buildBayesianModel(spec, { ...blobShape, rows }) };
};

/** Entry `member` of the leading axis of each tensor. */
const slice = (tensors: HostTensors, member: number): HostTensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data, ...rest }]) => {
      const size = data.length / shape[0]!;
      return [name, { ...rest, shape: shape.slice(1), data: data.slice(member * size, (member + 1) * size) } as HostTensors[string]];
    }),
  );

/** The state after training on the given batches, one step each. */
async function follow(on: Device, { algorithm }: BayesianModel, from: HostTensors, batches: readonly HostTensors[]): Promise<HostTensors> {
  const state = on.upload(from);
  for (const [step, batch] of batches.entries()) {
    const { hyper } = algorithm.schedule({ step, epoch: 0, stepInEpoch: step, stepsPerEpoch: batches.length, epochs: 1 });
    const program = await on.compile(algorithm.steps['main']!, { state: state.specs, batch: specsOf(batch), hyper: Object.keys(hyper) });
    await program.run({ state, batch, hyper, noise: { seed: 1, step } });
    await program.dispose();
  }
  const result = await state.download();
  state.dispose();
  return result;
}

describe('an ensemble', () => {
  // Mutations caught: members that share a gradient, a batch, an order or an optimiser's moments; a weight that is left out.
  it.each(['deep-ensemble', 'bootstrap-ensemble'])('is as many separate trainings: %s', async (id) => {
    const { spec, model } = modelOf(id, { members });
    const { resampling } = model.algorithm;
    const own = new Minibatches(blobData.train, [2], 32, 5, { members, resampling: resampling! });
    const batches = [0, 1, 2].map((step) =>
      Object.fromEntries(Object.entries(own.at(step)).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() } as typeof tensor])),
    );
    const initial = await initialState({ model, device, training: spec.training });
    const together = await follow(device, model, initial, batches);
    const single = modelOf('map').model;
    for (let k = 0; k < members; k++) {
      const alone = await follow(
        device,
        single,
        slice(initial, k),
        batches.map((batch) => slice(batch, k)),
      );
      for (const [path, { data }] of Object.entries(slice(together, k))) data.forEach((value, i) => expect(value, path).toBeCloseTo(alone[path]!.data[i]!, 5));
    }
    const orders = [0, 1, 2].map((k) => [...slice(batches[0]!, k)['x']!.data]);
    expect(new Set(orders.map(String)).size).toBe(members);
  });

  it('counts a row as often as a data set that repeats it', async () => {
    const { x, y, rows } = blobData.train;
    const counts = rowCounts({ kind: 'bootstrap' }, rows, 5, 1)!;
    const repeated = [...counts.keys()].flatMap((row) => Array<number>(counts[row]!).fill(row));
    const { model, spec } = modelOf('bootstrap-ensemble', { members });
    const initial = await initialState({ model, device, training: spec.training });
    const whole = new Minibatches(blobData.train, [2], 0, 5, { members, resampling: { kind: 'bootstrap' } });
    const weighted = slice(await follow(device, model, initial, [whole.at(0)]), 1);
    const data = { rows, x: Float32Array.from(repeated.flatMap((row) => [x[2 * row]!, x[2 * row + 1]!])), y: Int32Array.from(repeated, (row) => y[row]!) };
    const plain = await follow(device, modelOf('map').model, slice(initial, 1), [new Minibatches(data, [2], 0, 5).at(0)]);
    for (const [path, tensor] of Object.entries(weighted)) tensor.data.forEach((value, i) => expect(value, path).toBeCloseTo(plain[path]!.data[i]!, 5));
  });

  it('learns, and its members differ', async () => {
    const { spec, model } = modelOf('deep-ensemble', { members });
    const recorder = new Recorder();
    await train({ model, device, training: { ...spec.training, epochs: 20 }, data: blobData, from: null, control: () => 'run', listener: recorder });
    expect(recorder.epochs.at(-1)!.values['validationError']).toBeLessThanOrEqual(0.025);
    const { state } = recorder.checkpoints.at(-1)!;
    expect(slice(state, 0)).not.toEqual(slice(state, 1));
  });
});

it('measures the statistics of a batch normalisation under each member’s weights', async () => {
  const architecture = { layers: [{ kind: 'dense', settings: { units: 5, activation: 'linear' } }, { kind: 'batch-norm' }, { kind: 'output' }] };
  const spec = blobSpec({ architecture, method: { id: 'deep-ensemble', settings: { ...point, members } } });
  const model = buildBayesianModel(spec, blobShape);
  const recorder = new Recorder();
  await train({ model, device, training: spec.training, data: blobData, from: null, control: () => 'run', listener: recorder });
  const { state } = recorder.checkpoints.at(-1)!;
  expect([...state['recent']!.data].sort()).toEqual([...blobData.train.x].sort());
  const draws = new StateDraws(model, device, device.upload(state));
  const variances: number[][] = [];
  for (let k = 0; k < members; k++) variances.push([...(await draws.draw(k, { seed: 1, step: 0 }))['batch-norm1.variance']!.data]);
  expect(new Set(variances.map(String)).size).toBe(members);
});

describe('rowCounts', () => {
  const rows = 20_000;
  const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

  it('draws a bootstrap sample: as many rows as there are, counts almost Poisson, members independent', () => {
    const [one, other] = [0, 1].map((member) => rowCounts({ kind: 'bootstrap' }, rows, 3, member)!) as [Uint8Array, Uint8Array];
    expect(mean(one)).toBe(1);
    const variance = mean(one.map((count) => (count - 1) ** 2));
    expect(Math.abs(variance - 1)).toBeLessThan(3 * Math.sqrt(2 / rows)); // fourth moment 4 of a Poisson count: variance 3 − 1
    const unseen = one.filter((count) => count === 0).length / rows;
    expect(Math.abs(unseen - Math.exp(-1))).toBeLessThan(3 * Math.sqrt((Math.exp(-1) * (1 - 2 * Math.exp(-1))) / rows));
    expect(Math.abs(mean(Float64Array.from(one, (count, i) => (count - 1) * (other[i]! - 1))))).toBeLessThan(3 / Math.sqrt(rows));
    expect(rowCounts({ kind: 'bootstrap' }, rows, 3, 0)).toEqual(one);
    expect(rowCounts({ kind: 'bootstrap' }, rows, 4, 0)).not.toEqual(one);
  });

  it('keeps each row with the given probability', () => {
    const kept = rowCounts({ kind: 'subsample', rate: 0.8 }, rows, 3, 0)!;
    expect(new Set(kept)).toEqual(new Set([0, 1]));
    expect(Math.abs(mean(kept) - 0.8)).toBeLessThan(3 * Math.sqrt((0.8 * 0.2) / rows));
    expect(rowCounts({ kind: 'none' }, rows, 3, 0)).toBeUndefined();
  });
});
