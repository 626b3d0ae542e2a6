/** @file Standard errors over draws without a formula for each quantity: leave a group of draws out, and see what changes. */

/**
 * Standard error of a statistic of n draws in g groups of m_j draws each, from its value θ on all and θ_(j) without group j.
 * With groups of one draw it is the ordinary jackknife, and exact for a mean: s/√n. NaN for fewer than two groups.
 *
 * @see Busing, Meijer & van der Leeden (1999), Delete-m jackknife for unequal m, eq. 7 and 8
 */
export function jackknifeError(all: number, without: readonly number[], sizes: readonly number[]): number {
  const groups = sizes.length;
  const n = sizes.reduce((sum, size) => sum + size, 0);
  if (groups < 2) return NaN;
  const estimate = groups * all - without.reduce((sum, value, j) => sum + (1 - sizes[j]! / n) * value, 0);
  const variance = without.reduce((sum, value, j) => {
    const h = n / sizes[j]!;
    const pseudo = h * all - (h - 1) * value;
    return sum + (pseudo - estimate) ** 2 / (h - 1);
  }, 0);
  return Math.sqrt(variance / groups);
}

/** Draws are dealt out to at most this many groups: a standard error is then known to 1/√(2 · 19), 16 %. */
const mostGroups = 20;

/** Groups of `draws` draws, draw s in group s mod g. */
export const groupsOf = (draws: number): number => Math.min(draws, mostGroups);

/** How many of the first `done` draws each group has. */
export const groupSizes = (groups: number, done: number): number[] => Array.from({ length: groups }, (_, j) => Math.ceil(Math.max(0, done - j) / groups));
