/** @file Chain diagnostics against an implementation of the paper's formulas in NumPy and SciPy, and against theory. */
import { describe, expect, it } from 'vitest';
import { rankNormalise, splitChains } from './chains';
import { autocorrelation, bulkEss, effectiveSampleSize, tailEss } from './ess';
import { normalCdf, normalQuantile } from './normal';
import { rhat } from './rhat';

/** AR(1) chains of unit variance, chain c moved by c · shift, from a generator that NumPy can follow. */
function autoregressive(seed: number, count: number, draws: number, rho: number, shift = 0): Float64Array[] {
  let state = seed;
  const uniform = () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return (state + 0.5) / 2 ** 32;
  };
  return Array.from({ length: count }, (_, chain) => {
    let value = 0;
    return Float64Array.from({ length: draws }, () => {
      const z = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
      value = rho * value + Math.sqrt(1 - rho * rho) * z;
      return value + shift * chain;
    });
  });
}

describe('R̂ and effective sample sizes', () => {
  it.each([
    [
      [1, 4, 100, 0, 0],
      [0.9987621357683548, 380.7155675423661, 368.1450818056377, 362.97325719824926],
    ],
    [
      [2, 4, 101, 0.8, 0],
      [1.1144712502016036, 41.12617593836206, 117.67331901258865, 44.25227367092809],
    ],
    [
      [3, 2, 60, 0.5, 1],
      [1.3620309530177577, 5.4792751931891885, 27.795527156549543, 2.5424864671836653],
    ],
    [
      [4, 3, 50, -0.5, 0],
      [1.0169272023907292, 326.4136888583522, 147.7002807169078, 326.4136888583522],
    ], // capped at S log₁₀ S
  ] as const)('are those of Vehtari et al. (2021) for AR(1) chains %o', ([seed, count, draws, rho, shift], expected) => {
    const chains = autoregressive(seed, count, draws, rho, shift);
    [rhat(chains), bulkEss(chains), tailEss(chains), effectiveSampleSize(chains)].forEach((value, i) => expect(value / expected[i]!).toBeCloseTo(1, 9));
  });

  it('come near the theory of AR(1): S (1 − ρ)/(1 + ρ) and ρᵗ', () => {
    const chains = autoregressive(5, 4, 4000, 0.8);
    expect(effectiveSampleSize(chains) / (16_000 / 9)).toBeCloseTo(1, 0.7); // to 10 %
    autocorrelation(chains[0]!, 3).forEach((value, lag) => expect(Math.abs(value - 0.8 ** lag)).toBeLessThan(0.06));
  });

  it('see a chain that has only its spread apart, by folding', () => {
    const chains = autoregressive(6, 4, 500, 0).map((chain, c) => (c === 0 ? chain.map((value) => 3 * value) : chain));
    expect(rhat(chains)).toBeGreaterThan(1.05);
  });

  it('are 1 and all draws where nothing varies', () => {
    const still = [new Float64Array(60).fill(2), new Float64Array(60).fill(2)];
    expect([rhat(still), bulkEss(still), tailEss(still)]).toEqual([1, 120, 120]);
    expect(autocorrelation(still[0]!, 2)).toEqual([1, 0, 0]);
  });
});

describe('rank normalisation', () => {
  it('gives ties their mean rank', () => {
    const [chain] = rankNormalise([Float64Array.of(3, 1, 3, 7)]);
    expect([...chain!].map((z) => normalCdf(z) * 4.25 + 0.375)).toEqual([2.5, 1, 2.5, 4].map((rank) => expect.closeTo(rank, 10)));
  });

  it('splits chains into halves without the middle draw', () => {
    expect(splitChains([Float64Array.of(1, 2, 3, 4, 5)]).map((half) => [...half])).toEqual([
      [1, 2],
      [4, 5],
    ]);
  });

  it('inverts the normal distribution', () => {
    for (const z of [-7, -2.5, -0.1, 0, 0.3, 4]) expect(normalQuantile(normalCdf(z))).toBeCloseTo(z, 8);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12);
  });
});
