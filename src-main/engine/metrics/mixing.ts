/** @file When chains count as mixed, and from how many draws on that can be told. */
import { medianOf, type Chains } from './chains';
import { rhat } from './rhat';

/**
 * R̂ of mixed chains, and draws that quantiles need. @see Vehtari et al. (2021), sec. 4: R̂ < 1.01 and an ESS of 100 per chain.
 * That is of one quantity: the largest R̂ of hundreds passes 1.01 by chance, by 1.05 hardly ever.
 */
export const mixingLimits = { rhat: 1.01, worstRhat: 1.05, essPerChain: 100 } as const;

/** Below this split R̂ and effective sample sizes say more about chance than about the chains. */
export const fewestDraws = { chains: 2, draws: 100 } as const;

/** `draws`: of each chain. */
export const areEnough = (chains: number, draws: number): boolean => chains >= fewestDraws.chains && draws >= fewestDraws.draws;

export interface Agreement {
  readonly median: number;
  readonly worst: number;
}

/** R̂ of several quantities of the same chains. */
export function agreementOf(quantities: readonly Chains[]): Agreement {
  const rhats = Float64Array.from(quantities, rhat);
  return { median: medianOf([rhats]), worst: Math.max(...rhats) };
}

/** Above the limit that R̂ had before (Gelman & Rubin 1992): chains that look at different things, whatever the chance. */
export const areApart = ({ worst }: Agreement): boolean => worst > 1.1;

export const haveMixed = ({ median, worst }: Agreement): boolean => median <= mixingLimits.rhat && worst <= mixingLimits.worstRhat;
