/** @file What a device can do at best right now: the rates that bound a training step, measured through its own programs. */
import { add, conv2d, mul, sum, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import type { DeviceRates } from '../../contract/device-rates';
import { float32, type HostTensors, sizeOf, specsOf } from '../numerics/host-tensor';
import { normal } from '../numerics/random';
import type { State, Step } from '../numerics/step';
import type { Device } from './device';

/** Milliseconds of a call, the best of several. */
export type Timer = (call: () => Promise<unknown>) => Promise<number>;

export type Rates = Omit<DeviceRates, 'overhead'>;

/** A few seconds in all: compiled kernels need some dozen calls before they run at full speed. */
export const quickTimer: Timer = async (call) => {
  let best = Infinity;
  const end = performance.now() + 400;
  for (let calls = 0; calls < 3 || (performance.now() < end && calls < 100); calls++) {
    const start = performance.now();
    await call();
    if (calls > 0) best = Math.min(best, performance.now() - start);
  }
  return best;
};

/** @param gflops the device's product rate, which its caller knows already; see productRate */
export async function measureRates(device: Device, time: Timer, gflops: number): Promise<Rates> {
  const timeStep = async <S extends State>(step: Step<S>, state: HostTensors, batch: HostTensors = {}, hyper: { readonly [name: string]: number } = {}) => {
    const program = await device.compile(step, { state: specsOf(state), batch: specsOf(batch), hyper: Object.keys(hyper) });
    const uploaded = device.upload(state);
    let count = 0;
    try {
      return await time(() => program.run({ state: uploaded, batch, hyper, noise: { seed: 1, step: count++ } }));
    } finally {
      await program.dispose();
      uploaded.dispose();
    }
  };

  const convolution = async (rows: number, size: number, channels: number, filters: number, kernel: number) => {
    const batch = { x: tensor([rows, size, size, channels]), filter: tensor([kernel, kernel, channels, filters]) };
    const ms = await timeStep((_s, { x, filter }) => ({ info: { total: sum(conv2d(x as Tensor4D, filter as Tensor4D, 1, 'valid')) } }), {}, batch);
    return (2 * rows * (size - kernel + 1) ** 2 * kernel ** 2 * channels * filters) / ms / 1e6;
  };

  // As many weight-sized tensors as a Bayesian network's state holds: what streams through memory in every step.
  const length = 1_440_000;
  const leaves = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`v${i}`, float32([length], new Float32Array(length).fill(1))]));
  const scaled: Step = (state, _batch, _key, hyper) => ({
    state: Object.fromEntries(Object.entries(state).map(([name, v]) => [name, mul(v as Tensor, hyper['factor']!)])),
    info: {},
  });
  const copy = await timeStep(scaled, leaves, {}, { factor: 1.0001 });
  const bandwidth = (2 * 4 * 8 * length) / copy / 1e6;

  // The draw is the whole program: its cost is the generator's, plus one copy of the result that is taken off again.
  const draws = 1 << 22;
  const drawn = await timeStep((_state, _batch, key) => ({ state: { v: mul(normal(key, [draws]), 2) }, info: {} }), { v: float32([draws]) });

  // A chain of sums that nothing can join.
  const [short, long] = [8, 72];
  const chain = (links: number) =>
    timeStep(
      (_state, { x }) => {
        let y = x!;
        for (let i = 0; i < links; i++) y = add(y, sum(y, 0, true));
        return { info: { y } };
      },
      {},
      { x: tensor([8, 8]) },
    );
  const operationMs = Math.max(1e-4, ((await chain(long)) - (await chain(short))) / (2 * (long - short)));

  return {
    gflops,
    thinConvolutions: await convolution(100, 14, 6, 16, 5),
    wideConvolutions: await convolution(16, 18, 64, 64, 3),
    bandwidth,
    normals: draws / Math.max(0.1 * drawn, drawn - (2 * 4 * draws) / bandwidth / 1e6) / 1e6,
    operationMs,
  };
}

const tensor = (shape: readonly number[]) =>
  float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => ((i % 7) - 3) / 8),
  );
