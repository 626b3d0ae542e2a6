import { describe, expect, it } from 'vitest';
import { gaussianProcessPosterior, sampleGaussianProcess } from './gaussian-process';
import { seeded } from './generator';

describe('gaussianProcessPosterior', () => {
  it('equals the hand-worked posterior of one observation', () => {
    // K + Σ = 1 + 0.25, k* = e^(−½): mean = 2 e^(−½)/1.25, variance = 1 − e^(−1)/1.25.
    const { mean, total, epistemic } = gaussianProcessPosterior([0], [2], () => 0.5)([1]);
    expect(mean[0]).toBeCloseTo((2 * Math.exp(-0.5)) / 1.25, 7);
    expect(epistemic[0]! ** 2).toBeCloseTo(1 - Math.exp(-1) / 1.25, 7);
    expect(total[0]! ** 2).toBeCloseTo(1 - Math.exp(-1) / 1.25 + 0.25, 7);
  });

  it('equals the hand-worked posterior of two observations with different noise', () => {
    // K + Σ = [[1.01, c], [c, 1.04]] with c = e^(−½), inverted by the 2 × 2 formula.
    const noiseSd = (x: number) => (x === 0 ? 0.1 : x === 1 ? 0.2 : 0.3);
    const { mean, total, epistemic } = gaussianProcessPosterior([0, 1], [1, -1], noiseSd)([2]);
    const c = Math.exp(-0.5);
    const [k0, k1] = [Math.exp(-2), Math.exp(-0.5)];
    const determinant = 1.01 * 1.04 - c * c;
    expect(mean[0]).toBeCloseTo((k0 * (1.04 + c) + k1 * (-c - 1.01)) / determinant, 6);
    const explained = (k0 * k0 * 1.04 - 2 * k0 * k1 * c + k1 * k1 * 1.01) / determinant;
    expect(epistemic[0]! ** 2).toBeCloseTo(1 - explained, 6);
    expect(total[0]! ** 2).toBeCloseTo(1 - explained + 0.09, 6);
  });

  it('returns to the prior far from the data', () => {
    const { mean, epistemic } = gaussianProcessPosterior([0], [2], () => 0.1)([20]);
    expect(mean[0]).toBeCloseTo(0, 12);
    expect(epistemic[0]).toBeCloseTo(1, 12);
  });
});

describe('sampleGaussianProcess', () => {
  it('has the covariance k(x, x′) + noise²', () => {
    const n = 20_000;
    const generator = seeded(5);
    const products = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      const [a, b] = sampleGaussianProcess([0, 1], (x) => (x === 0 ? 0.5 : 0), generator) as [number, number];
      products[0]! += (a * a) / n;
      products[1]! += (a * b) / n;
      products[2]! += (b * b) / n;
    }
    // Standard errors: 1.25·√(2/n) = 0.0125, √((1.25 + e^(−1))/n) = 0.009, √(2/n) = 0.01; allowed are four of them.
    expect(Math.abs(products[0]! - 1.25)).toBeLessThan(0.05);
    expect(Math.abs(products[1]! - Math.exp(-0.5))).toBeLessThan(0.036);
    expect(Math.abs(products[2]! - 1)).toBeLessThan(0.04);
  });
});
