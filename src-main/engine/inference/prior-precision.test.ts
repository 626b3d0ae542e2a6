/** @file The Gibbs step of SG-HMC against the moments of its Gamma posterior, and what the chain makes of it, in float64. */
import { describe, expect, it } from 'vitest';
import { gamma, hostUniforms } from '../numerics/host-random';
import { float32 } from '../numerics/host-tensor';
import { closeTo, conjugateRows as rows, conjugateSpecs as batch, exactStep } from './exact-step.testing';
import { sghmc } from './sghmc';
import { conjugateTarget } from './testing';

const w = [0.3, 0.8];

describe('the Gibbs step of the prior’s precision', () => {
  it('draws Gamma numbers of the right mean and variance', () => {
    for (const shape of [0.5, 11]) {
      const uniform = hostUniforms(1, 0, `gamma ${shape}`);
      const draws = Array.from({ length: 20_000 }, () => gamma(shape, uniform));
      const mean = draws.reduce((a, b) => a + b) / draws.length;
      const variance = draws.reduce((total, x) => total + (x - mean) ** 2, 0) / draws.length;
      expect(Math.abs(mean - shape)).toBeLessThan(3 * Math.sqrt(shape / draws.length));
      // Var of a sample variance: (κ + 2) σ⁴/n with excess kurtosis κ = 6/shape.
      expect(Math.abs(variance / shape - 1)).toBeLessThan(3 * Math.sqrt((6 / shape + 2) / draws.length));
    }
  });

  it('conditions on the sum of squares: Gamma(α + n/2, β + ½ Σ w²) for each chain', () => {
    const { between } = sghmc.build(conjugateTarget(), sghmc.settings.parse({ learnPrior: true, precisionShape: 3, precisionRate: 2, chains: 2 }));
    expect(between!.every).toBe(15);
    const sums = [8, 1];
    const uniform = hostUniforms(7, 1, 'w');
    const draws = Array.from(
      { length: 4000 },
      () => between!.run({ 'prior/squares/w': float32([2], Float32Array.from(sums)) }, () => uniform)['prior/precision/w']!.data,
    );
    sums.forEach((squares, chain) => {
      const expected = (3 + 1) / (2 + squares / 2);
      const mean = draws.reduce((total, data) => total + data[chain]!, 0) / draws.length;
      expect(Math.abs(mean / expected - 1)).toBeLessThan(3 * Math.sqrt(1 / 4 / draws.length));
    });
  });

  it('gives the chain its prior and its squares', () => {
    const algorithm = sghmc.build(
      conjugateTarget(),
      sghmc.settings.parse({ learnPrior: true, preconditioner: 'none', stepSize: 1, friction: 1, temperature: 0, clipping: 0 }),
    );
    const gradient = (precision: number) => {
      const { state, info } = exactStep(algorithm, batch)(
        { 'params/w': w, 'momentum/w': [0, 0], 'prior/precision/w': [precision], 'prior/squares/w': [0] },
        rows,
        [0],
      );
      closeTo(state['prior/squares/w']!, [0.73]);
      closeTo([info['logPrior']!], [-0.5 * precision * 0.73 + Math.log(precision / (2 * Math.PI))], 1e-6);
      return w.map((value, i) => value - state['params/w']![i]!);
    };
    const [one, four] = [gradient(1), gradient(4)];
    closeTo(one, [0.3, -19.2], 1e-5);
    closeTo(
      four.map((value, i) => value - one[i]!),
      w.map((value) => 3 * value),
      1e-4,
    );
  });
});
