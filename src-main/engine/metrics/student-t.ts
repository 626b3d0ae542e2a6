/** @file Student's t scaled to standard deviation 1, in double precision; the normal distribution where the degrees of freedom are infinite. */
import { logGamma, logStudentMode } from '../numerics/log-gamma';
import { normalCdf } from './normal';

/** A distribution of mean 0 and standard deviation 1. */
export interface Standardised {
  /** nats */
  logDensity(z: number): number;
  cdf(z: number): number;
}

/** `degrees` above 2, or infinite. */
export function standardised(degrees: number): Standardised {
  if (degrees === Infinity) return { logDensity: (z) => -0.5 * z * z - 0.5 * Math.log(2 * Math.PI), cdf: normalCdf };
  const scale = Math.sqrt(degrees / (degrees - 2)); // t = z · scale
  const constant = Math.log(scale) + logStudentMode(degrees);
  return {
    logDensity: (z) => constant - ((degrees + 1) / 2) * Math.log1p((z * scale) ** 2 / degrees),
    cdf(z) {
      const square = (z * scale) ** 2;
      const tail = 0.5 * incompleteBeta(degrees / (degrees + square), degrees / 2, 0.5);
      return z < 0 ? tail : 1 - tail;
    },
  };
}

/**
 * I_x(a, b), the regularised incomplete beta function, to about 1e-12.
 *
 * @see Abramowitz & Stegun 26.5.8, the continued fraction, evaluated by Lentz's method as in Press et al. (2007), Numerical Recipes, sec. 6.4.
 */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  const away = (value: number) => (Math.abs(value) < 1e-300 ? 1e-300 : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1, factor = 0; m < 1000 && Math.abs(factor - 1) > 1e-14; m++) {
    factor = 1;
    for (const coefficient of [(m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)), (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))]) {
      d = 1 / away(1 + coefficient * d);
      c = away(1 + coefficient / c);
      factor *= c * d;
    }
    fraction *= factor;
  }
  return front * fraction;
}
