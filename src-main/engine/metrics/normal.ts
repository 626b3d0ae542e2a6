/** @file The standard normal distribution in double precision. */

export const normalDensity = (z: number): number => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);

/** log N(y; mean, sd²) in nats. */
export const logNormal = (y: number, mean: number, sd: number): number => -0.5 * ((y - mean) / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI);

/**
 * Φ(z), to about 1e-15.
 *
 * @see Abramowitz & Stegun 26.2.11 (series, near the middle) and 26.2.14 (continued fraction, in the tails).
 */
export function normalCdf(z: number): number {
  const x = Math.abs(z);
  if (x > 4) {
    let fraction = x;
    for (let k = 60; k >= 1; k--) fraction = x + k / fraction;
    const tail = normalDensity(x) / fraction;
    return z < 0 ? tail : 1 - tail;
  }
  let term = x;
  let sum = x;
  for (let k = 3; term > 1e-17 * sum; k += 2) sum += term *= (x * x) / k;
  const half = normalDensity(x) * sum;
  return z < 0 ? 0.5 - half : 0.5 + half;
}

/**
 * Φ⁻¹(p), 0 < p < 1, to about 1e-15.
 *
 * @see Hastings' approximation (Abramowitz & Stegun 26.2.23), followed by Halley's iteration on Φ.
 */
export function normalQuantile(p: number): number {
  const tail = Math.min(p, 1 - p);
  const t = Math.sqrt(-2 * Math.log(tail));
  const start = t - (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3);
  let z = -start;
  for (let i = 0; i < 3; i++) {
    const u = (normalCdf(z) - tail) / normalDensity(z);
    z -= u / (1 + (z * u) / 2);
  }
  return p < 0.5 ? z : -z;
}
