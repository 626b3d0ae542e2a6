/** @file How many independent draws the chains are worth. */
import { meanOf, rankNormalise, splitChains, variances, type Chains } from './chains';

/** Σ (x_t − mean)(x_{t+lag} − mean) / n */
export function autocovariance(values: Float64Array, lag: number, mean = meanOf(values)): number {
  let total = 0;
  for (let t = 0; t + lag < values.length; t++) total += (values[t]! - mean) * (values[t + lag]! - mean);
  return total / values.length;
}

/** Of one chain at lags 0 … lags; 1 at lag 0, 0 elsewhere where nothing varies. */
export function autocorrelation(values: Float64Array, lags: number): number[] {
  const mean = meanOf(values);
  const variance = autocovariance(values, 0, mean);
  return Array.from({ length: Math.min(lags, values.length - 1) + 1 }, (_, lag) =>
    variance === 0 ? Number(lag === 0) : autocovariance(values, lag, mean) / variance,
  );
}

/**
 * S / τ, τ = −1 + 2 Σ (ρ̂ at lags 2k and 2k + 1), over Geyer's initial monotone sequence of positive pairs; at most S log₁₀ S.
 *
 * @see Vehtari et al. (2021), eq. 10–13; the last even lag is taken in as Stan does
 */
export function effectiveSampleSize(chains: Chains): number {
  const n = chains[0]!.length;
  const size = chains.length * n;
  const { within, total } = variances(chains);
  if (total === 0) return size;
  const means = chains.map(meanOf);
  /** Lags are computed as far as they are asked for. */
  const rho = (lag: number): number => {
    if (lag === 0) return 1;
    const covariance = meanOf(chains.map((chain, c) => autocovariance(chain, lag, means[c])));
    return 1 - (within - (n / (n - 1)) * covariance) / total;
  };
  let tau = -1;
  let [even, odd] = [rho(0), rho(1)];
  let smallest = Infinity;
  let lag = 0;
  while (even + odd > 0 && lag < n - 3) {
    smallest = Math.min(smallest, even + odd);
    tau += 2 * smallest;
    lag += 2;
    [even, odd] = [rho(lag), rho(lag + 1)];
  }
  if (even > 0) tau += even;
  return size / Math.max(tau, 1 / Math.log10(size));
}

/** Of the middle of the distribution: rank-normalised, split chains. */
export const bulkEss = (chains: Chains): number => effectiveSampleSize(rankNormalise(splitChains(chains)));

/** Of its tails: the smaller of those of the 5 % and the 95 % quantile. */
export function tailEss(chains: Chains): number {
  const sorted = Float64Array.from(chains.flatMap((chain) => [...chain])).sort();
  const quantile = (p: number): number => {
    const at = p * (sorted.length - 1);
    const below = Math.floor(at);
    return sorted[below]! + (at - below) * ((sorted[below + 1] ?? sorted[below]!) - sorted[below]!);
  };
  return Math.min(...[0.05, 0.95].map((p) => effectiveSampleSize(splitChains(chains).map((chain) => chain.map((value) => Number(value <= quantile(p)))))));
}
