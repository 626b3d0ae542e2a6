/** @file The density of a prior on a grid that shows its peak and its tails. */
import type { Prior } from './prior';

/** Points on each side of zero: none at zero, where some densities are infinite. */
const pointsPerSide = 60;

/** Share of the probability that the grid spans. */
const shown = 0.98;

/** The half-width that holds this share, by quadrature in log |w|, to 5 %; 1 for a prior that is no distribution. */
export function halfWidth({ density, improper }: Prior, share: number): number {
  if (improper) return 1;
  const step = 0.05;
  let held = 0;
  for (let t = -24; t < 10; t += step) {
    held += 2 * step * Math.exp(t + density(Math.exp(t))); // every prior here is symmetric
    if (held >= share) return Math.exp(t);
  }
  return Math.exp(10); // tails so heavy that more would show nothing
}

/** log p(w) in nats at points that lie denser towards zero, of one weight with everything else integrated out. */
export function priorCurve(prior: Prior): { readonly w: number[]; readonly logDensity: number[] } {
  const width = halfWidth(prior, shown);
  const side = Array.from({ length: pointsPerSide }, (_, i) => width * ((i + 1) / pointsPerSide) ** 2);
  const w = [...side.map((value) => -value).reverse(), ...side];
  return { w, logDensity: w.map((value) => prior.density(value)) };
}
