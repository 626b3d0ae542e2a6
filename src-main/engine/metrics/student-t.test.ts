/** @file Student's t of variance 1 against its closed forms, and scores that know it. */
import { describe, expect, it } from 'vitest';
import { mixtureNll, pit } from './regression';
import { standardised } from './student-t';

/** P(T ≤ t) for three and four degrees of freedom, and the density for four. */
const cdf3 = (t: number) => 0.5 + (t / Math.sqrt(3) / (1 + (t * t) / 3) + Math.atan(t / Math.sqrt(3))) / Math.PI;
const cdf4 = (t: number) => 0.5 + (3 / 8) * (t / Math.sqrt(1 + (t * t) / 4)) * (1 - (t * t) / (12 * (1 + (t * t) / 4)));
const density4 = (t: number) => (3 / 8) * (1 + (t * t) / 4) ** -2.5;

describe('the standardised t distribution', () => {
  it('has the distribution function of its closed forms', () => {
    for (const z of [-30, -3, -0.4, 0, 0.01, 0.9, 2, 12]) {
      expect(standardised(3).cdf(z)).toBeCloseTo(cdf3(z * Math.sqrt(3)), 11);
      expect(standardised(4).cdf(z)).toBeCloseTo(cdf4(z * Math.SQRT2), 11);
    }
  });

  it('has the density of its distribution function, and variance 1', () => {
    for (const z of [-3, -0.2, 1.4]) expect(standardised(4).logDensity(z)).toBeCloseTo(Math.log(Math.SQRT2 * density4(z * Math.SQRT2)), 11);
    for (const degrees of [2.5, 7, 1000]) {
      const { logDensity, cdf } = standardised(degrees);
      for (const z of [-2, 0.3]) expect((cdf(z + 1e-4) - cdf(z - 1e-4)) / 2e-4).toBeCloseTo(Math.exp(logDensity(z)), 6);
    }
    let variance = 0; // with z = sinh t, whose tails are reached in few steps
    for (let t = -12; t < 12; t += 0.01) variance += 0.01 * Math.cosh(t) * Math.sinh(t) ** 2 * Math.exp(standardised(5).logDensity(Math.sinh(t)));
    expect(variance).toBeCloseTo(1, 4);
  });

  it('becomes the normal one', () => {
    expect(standardised(1e6).logDensity(1.5)).toBeCloseTo(standardised(Infinity).logDensity(1.5), 5);
    expect(standardised(1e6).cdf(-1.5)).toBeCloseTo(standardised(Infinity).cdf(-1.5), 5);
  });
});

describe('scores of a mixture of t distributions', () => {
  it('mix their densities and distribution functions', () => {
    // Two draws of one row, scale .5 each: the deviation is √2 times that. Catches the scale taken for the deviation.
    const [means, sd, y] = [[0.2, 1], 0.5 * Math.SQRT2, 1.7];
    const density = means.reduce((sum, mean) => sum + density4((y - mean) / 0.5) / 0.5 / 2, 0);
    expect(mixtureNll(means, [sd, sd], [y], 4)).toBeCloseTo(-Math.log(density), 11);
    expect(pit(means, [sd, sd], [y], 4)[0]).toBeCloseTo((cdf4(1.5 / 0.5) + cdf4(0.7 / 0.5)) / 2, 11);
  });
});
