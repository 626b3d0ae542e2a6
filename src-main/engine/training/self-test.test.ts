import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDevice } from '../backends';
import type { Device } from '../backends/device';
import { productRate } from '../backends/product-rate';
import { float32, type HostTensor } from '../numerics/host-tensor';
import { examineDevice } from './examine-device';
import { largestDifference } from './first-step';
import { selfTest } from './self-test';

let device: Device;
beforeAll(async () => {
  device = await openDevice('onnxruntime-cpu', { threads: 1 });
});
afterAll(() => device.close());

/** The CPU, but `fault` is added to one number of its state after each step. */
const disguised = ({ fault, ownNoise }: { readonly fault: number; readonly ownNoise: boolean }): Device => ({
  ...{ backend: 'disguised', name: 'disguised', engine: 'disguised', threads: 1, ownNoise },
  upload(state) {
    const uploaded = device.upload(state);
    const download = uploaded.download.bind(uploaded);
    return Object.assign(uploaded, {
      async download() {
        const [[name, leaf], ...others] = Object.entries(await download()) as [[string, HostTensor], ...[string, HostTensor][]];
        const data = Float32Array.from(leaf.data, (value, i) => (i === 0 ? value + fault : value));
        return { ...Object.fromEntries(others), [name]: float32(leaf.shape, data) };
      },
    });
  },
  compile: (...asked) => device.compile(...asked),
  close: () => Promise.resolve(),
});

describe('the self-test of a device', () => {
  it('passes on the CPU', async () => {
    expect((await selfTest(device)).size).toBeLessThan(1e-5);
  });

  it('finds a single wrong number, also where the noise is the device’s own', async () => {
    expect((await selfTest(disguised({ fault: 0.01, ownNoise: true }))).size).toBeCloseTo(0.01, 2);
  });

  it('takes the largest relative difference, and says where', () => {
    const of = (...values: number[]) => ({ w: float32([values.length], Float32Array.of(...values)) });
    expect(largestDifference(of(1, 12, 0), of(1, 10, 0.25))).toEqual({ size: 0.2, place: 'w[2] is 0, not 0.25' });
    expect(largestDifference(of(1, NaN), of(1, 2)).size).toBe(Infinity);
    expect(largestDifference({}, of(1)).size).toBe(Infinity);
  });
});

it('measures a rate of matrix products that a machine could have', async () => {
  const rate = await productRate(device, 10);
  expect(rate).toBeGreaterThan(0.1);
  expect(rate).toBeLessThan(10_000);
});

it('tells of a device that nobody knows', async () => {
  expect(await examineDevice('abacus', 1)).toEqual({ outcome: 'absent', message: 'There is no device ‘abacus’' });
});
