import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { describe, expect, it } from 'vitest';
import { RunSpec } from '../../contract/spec';
import type { DeviceRates } from '../../contract/device-rates';
import { estimateStep } from './step-cost';

/** Everything takes no time but one kind of work. */
const free: DeviceRates = { gflops: 1e9, thinConvolutions: 1e9, wideConvolutions: 1e9, bandwidth: 1e9, normals: 1e9, operationMs: 1e-12, overhead: 1 };

const specOf = (method: string, layers: readonly object[], batchSize: number, settings: object = {}) =>
  RunSpec.parse({
    dataset: { id: 'test' },
    architecture: { layers: [...layers, { kind: 'output' }] },
    likelihood: { id: 'categorical' },
    method: { id: method, settings },
    training: { batchSize },
  });
const data = { task: { kind: 'classification', outputs: 10 }, inputShape: [784], rows: 60_000 } as const;
const dense = (units: number) => ({ kind: 'dense', settings: { units } });
const weights = 784 * 100 + 100 * 10;

describe('the estimate of a step', () => {
  it('counts three products for each weight and row, but the gradient of the input', () => {
    const ms = estimateStep(specOf('map', [dense(100)], 50), data, { ...free, gflops: 1 });
    expect(ms).toBeCloseTo((2 * 50 * (3 * weights - 784 * 100)) / 1e6, 3);
  });

  it('grows with the batch in proportion beyond the rows that are traced', () => {
    const at = (rows: number) => estimateStep(specOf('map', [dense(100)], rows), data, { ...free, gflops: 1 });
    expect(at(1000) / at(100)).toBeCloseTo(10, 6);
  });

  it('counts a normal for each weight, bias and draw', () => {
    const parameters = weights + 100 + 10;
    const draws = (count: number) => estimateStep(specOf('bbp', [dense(100)], 50, { draws: count, firstEpochDraws: count }), data, { ...free, normals: 1e-6 });
    expect(draws(3)).toBeCloseTo(3 * parameters, -1);
    expect(draws(1)).toBeCloseTo(parameters, -1);
  });

  it('goes from the rate of thin convolutions to that of wide ones', () => {
    const images = { ...data, inputShape: [16, 16, 64] };
    const conv = (filters: number, rates: Partial<DeviceRates>) =>
      estimateStep(specOf('map', [{ kind: 'conv2d', settings: { filters } }, { kind: 'flatten' }], 8), images, { ...free, ...rates });
    expect(conv(4, { thinConvolutions: 1 })).toBeGreaterThan(1000 * conv(4, { wideConvolutions: 1 }));
    expect(conv(64, { wideConvolutions: 1 })).toBeGreaterThan(1000 * conv(64, { thinConvolutions: 1 }));
  });
});
