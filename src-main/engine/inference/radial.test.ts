/** @file The radial distribution: its entropy by quadrature, its moments by draws. */
import { describe, expect, it } from 'vitest';
import { radialNoise } from './radial';
import { read, seededNoise } from './testing';

describe('radial noise', () => {
  // log of the surface of the unit sphere in d dimensions: 2, 2π, 4π, 2π², 8π²/3, …, by S(d + 2) = S(d) · 2π/d.
  const logSurface = (d: number): number => (d <= 2 ? Math.log([2, 2 * Math.PI][d - 1]!) : logSurface(d - 2) + Math.log((2 * Math.PI) / (d - 2)));

  it.each([1, 2, 3, 10, 101])('has the entropy of its density in %i dimensions', (d) => {
    // q(u) = 2 φ(|u|) / (S |u|^(d−1)), so H = −∫ 2 φ(r) log q dr over r > 0; r = e^t makes the integrand smooth at 0.
    let entropy = 0;
    const step = 1e-3;
    for (let t = -25; t < 2.5; t += step) {
      const r = Math.exp(t);
      const logDensity = Math.log(2) - 0.5 * r * r - 0.5 * Math.log(2 * Math.PI);
      entropy -= step * r * Math.exp(logDensity) * (logDensity - logSurface(d) - (d - 1) * t);
    }
    expect(radialNoise.entropy(d)).toBeCloseTo(entropy, 5);
  });

  it('is a standard normal in one dimension', () => {
    expect(radialNoise.entropy(1)).toBeCloseTo(0.5 * Math.log(2 * Math.PI * Math.E), 11);
  });

  it('has mean square 1 in all, spread evenly, and no preferred sign', () => {
    const shape = [2, 3];
    const draws = Array.from({ length: 3000 }, (_, s) => read(() => [...radialNoise.draw({ source: seededNoise(1, s), address: 7 }, shape).dataSync()]));
    const squares = draws.map((draw) => draw.reduce((total, value) => total + value * value, 0));
    expect(Math.abs(squares.reduce((a, b) => a + b) / 3000 - 1)).toBeLessThan(3 * Math.sqrt(2 / 3000));
    for (let i = 0; i < 6; i++) {
      const moment = (power: number) => draws.reduce((total, draw) => total + draw[i]! ** power, 0) / 3000;
      expect(Math.abs(moment(1))).toBeLessThan(3.5 * Math.sqrt(1 / 6 / 3000));
      expect(Math.abs(6 * moment(2) - 1)).toBeLessThan(3.5 * Math.sqrt((36 * 9) / 48 / 3000)); // E u⁴ = 3/(d(d + 2)) · 3 = 9/48
    }
  });
});
