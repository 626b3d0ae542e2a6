/** @file Do the chains agree? */
import { foldChains, rankNormalise, splitChains, variances, type Chains } from './chains';

/** √(total variance / within-chain variance); 1 where nothing varies. @see Gelman & Rubin (1992); Vehtari et al. (2021), eq. 4 */
function plainRhat(chains: Chains): number {
  const { within, total } = variances(chains);
  return within === 0 ? (total === 0 ? 1 : Infinity) : Math.sqrt(total / within);
}

/**
 * The larger of the rank-normalised split-R̂ of the draws and of their distances from the median: the first misses no difference in
 * place, the second none in spread. At most 1.01 says that chains have mixed.
 *
 * @see Vehtari et al. (2021), Rank-Normalization, Folding, and Localization: An Improved R̂, sec. 4.2
 */
export const rhat = (chains: Chains): number =>
  Math.max(...[chains, foldChains(splitChains(chains))].map((form, folded) => plainRhat(rankNormalise(folded ? form : splitChains(form)))));
