/** @file One quantity along several chains, and the forms in which diagnostics look at it. */
import { normalQuantile } from './normal';

/** Values of one scalar quantity: of each chain its draws, equally many. */
export type Chains = readonly Float64Array[];

/** First and second halves as chains of their own; of an odd number of draws the middle one is left out. */
export const splitChains = (chains: Chains): Chains =>
  chains.flatMap((chain) => {
    const half = Math.floor(chain.length / 2);
    return [chain.slice(0, half), chain.slice(chain.length - half)];
  });

/** Of all draws of all chains, lower of the two middle ones averaged with the upper. */
export function medianOf(chains: Chains): number {
  const sorted = Float64Array.from(chains.flatMap((chain) => [...chain])).sort();
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** |x − median| */
export function foldChains(chains: Chains): Chains {
  const centre = medianOf(chains);
  return chains.map((chain) => chain.map((value) => Math.abs(value - centre)));
}

/**
 * Φ⁻¹((r − 3/8) / (S + 1/4)), r the rank of a draw among all S; ties share their mean rank.
 *
 * @see Vehtari et al. (2021), Rank-Normalization, Folding, and Localization: An Improved R̂, eq. 14
 */
export function rankNormalise(chains: Chains): Chains {
  const all = Float64Array.from(chains.flatMap((chain) => [...chain]));
  const sorted = all.toSorted();
  const z = new Map<number, number>();
  for (let first = 0; first < sorted.length;) {
    let end = first;
    while (end < sorted.length && sorted[end] === sorted[first]) end++;
    z.set(sorted[first]!, normalQuantile(((first + 1 + end) / 2 - 0.375) / (sorted.length + 0.25)));
    first = end;
  }
  return chains.map((chain) => chain.map((value) => z.get(value)!));
}

export const meanOf = (values: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total / values.length;
};

/** Of the sample: over n − 1. */
export const varianceOf = (values: ArrayLike<number>): number => {
  const mean = meanOf(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
  return squares / (values.length - 1);
};

/** Within-chain variance W and the overestimate of the whole variance, (n − 1)/n W + B/n. @see Vehtari et al. (2021), eq. 1–3 */
export function variances(chains: Chains): { readonly within: number; readonly total: number } {
  const n = chains[0]!.length;
  const within = meanOf(chains.map(varianceOf));
  return { within, total: ((n - 1) / n) * within + (chains.length > 1 ? varianceOf(chains.map(meanOf)) : 0) };
}

/** Logits less their mean over the classes: softmax does not see a common shift, along which chains wander freely. Shapes: [rows × classes], as given. */
export function centred(logits: ArrayLike<number>, classes: number): Float64Array {
  const out = Float64Array.from(logits);
  for (let first = 0; first < out.length; first += classes) {
    const mean = meanOf(out.subarray(first, first + classes));
    for (let k = first; k < first + classes; k++) out[k]! -= mean;
  }
  return out;
}
