import { describe, expect, it } from 'vitest';
import type { RunSpecInput } from '../../contract/spec';
import { openDevice } from '../backends';
import { float32, type HostTensors } from '../numerics/host-tensor';
import { buildBayesianModel } from './bayesian-model';
import { blobData, blobShape, blobSpec, Recorder } from './testing';
import { train, type Checkpoint } from './train';
import { weightMetrics, weightQuantiles } from './weight-quantiles';

const bbp = { method: { id: 'bbp', settings: { draws: 1, firstEpochDraws: 1 } } };
const modelOf = (changes: Partial<RunSpecInput>) => buildBayesianModel(blobSpec(changes), blobShape);
const never = () => Promise.reject(new Error('no draw is needed where the state tells means and deviations'));

/** Every tensor filled by `value`. */
const filled = (model: ReturnType<typeof modelOf>, prefix: string, value: (i: number) => number): HostTensors =>
  Object.fromEntries(
    model.target.parameters.map(({ name, shape }) => {
      const size = shape.reduce((product, n) => product * n, 1);
      return [
        prefix + name,
        float32(
          shape,
          Float32Array.from({ length: size }, (_, i) => value(i)),
        ),
      ];
    }),
  );

const byName = async (model: ReturnType<typeof modelOf>, state: HostTensors, draw: () => Promise<HostTensors>) => {
  const values = await weightQuantiles(model, state, draw);
  return Object.fromEntries(weightMetrics(model).map((name, i) => [name, values[i]!]));
};

describe('quantiles of weights', () => {
  // Mutations caught: definitions other than 7, means taken for deviations, tensors in another order than their names.
  it('are those of a constructed posterior', async () => {
    const model = modelOf(bbp);
    const state = { ...filled(model, 'mean/', (i) => i), ...filled(model, 'rho/', (i) => Math.log(Math.expm1(1 + i / 10))) };
    const quantiles = await byName(model, state, never);
    expect(Object.keys(quantiles)).toHaveLength(4 * 2 * 5);
    const kernel = (statistic: string) => [0.05, 0.25, 0.5, 0.75, 0.95].map((q) => quantiles[`${statistic}/dense1.kernel/${q}`]!); // ten weights, 0 … 9
    [0.45, 2.25, 4.5, 6.75, 8.55].forEach((expected, i) => {
      expect(kernel('mean')[i]).toBeCloseTo(expected, 5);
      expect(kernel('sd')[i]).toBeCloseTo(1 + expected / 10, 5);
    });
    expect(quantiles['mean/output.bias/0.25']).toBeCloseTo(0.25, 6); // two weights: 0, 1
  });

  it('are those of a draw where the state does not tell', async () => {
    const model = modelOf({});
    const quantiles = await byName(model, {}, async () => filled(model, '', (i) => -i));
    expect(quantiles['weight/dense1.kernel/0.05']).toBeCloseTo(-8.55, 5);
    expect(quantiles['weight/dense1.kernel/0.95']).toBeCloseTo(-0.45, 5);
    expect(Object.keys(quantiles).every((name) => name.startsWith('weight/'))).toBe(true);
  });

  // Mutations caught: the first entries only, a stride that meets the same columns in every row.
  it('of long tensors come from entries spread over all rows and columns', async () => {
    const units = [100, 400].map((units) => ({ kind: 'dense', settings: { units } }));
    const model = modelOf({ ...bbp, architecture: { layers: [...units, { kind: 'output' }] } });
    const rho = filled(model, 'rho/', (i) => Math.log(Math.expm1(1 + (i % 2))));
    const quantiles = await byName(model, { ...filled(model, 'mean/', (i) => i), ...rho }, never);
    for (const q of [0.05, 0.25, 0.5, 0.75, 0.95]) expect(quantiles[`mean/dense2.kernel/${q}`]! / 40_000).toBeCloseTo(q, 3);
    expect([0.25, 0.75].map((q) => quantiles[`sd/dense2.kernel/${q}`])).toEqual([expect.closeTo(1, 5), expect.closeTo(2, 5)]); // odd and even columns
  });
});

class Weights extends Recorder {
  readonly rows: { step: number; values: Float64Array }[] = [];
  weightMetrics(step: number, values: Float64Array): void {
    this.rows.push({ step, values });
    this.order.push(`weights ${step}`);
  }
}

describe('a training', async () => {
  const device = await openDevice('onnxruntime-cpu', { threads: 1 });
  const trained = async (from: Checkpoint | null, stopAt = Infinity) => {
    const spec = blobSpec({ ...bbp, training: { epochs: 2, batchSize: 8, validateEvery: 5 } });
    let stopped = false;
    const listener = new Weights((step) => (stopped ||= step === stopAt));
    const control = () => (stopped ? 'stop' : 'run');
    await train({ model: buildBayesianModel(spec, blobShape), device, training: spec.training, data: blobData, from, control, listener });
    return listener;
  };

  it('tells them at its start and before each checkpoint, and a resumed one the same', async () => {
    const whole = await trained(null);
    expect(whole.order).toEqual(['weights 0', 'epoch 14', 'weights 14', 'checkpoint 14']);
    const first = await trained(null, 5);
    expect(first.order).toEqual(['weights 0', 'weights 5', 'checkpoint 5']);
    const second = await trained(first.checkpoints[0]!);
    expect(second.order).toEqual(['epoch 14', 'weights 14', 'checkpoint 14']);
    expect([first.rows[0], second.rows.at(-1)]).toEqual(whole.rows);
  });
});
