/** @file What a sampler's temperatures, acceptance and chains say of its step size, while it runs. The thresholds are ours. */
import { areApart, areEnough, mixingLimits, type Agreement } from '../metrics/mixing';
import { meanOf, varianceOf } from '../metrics/chains';
import { effectiveSampleSize } from '../metrics/ess';
import type { Warning } from './diagnosis';

/** Mean of a metric over the draws that were kept, beside what it should be. */
export interface Reading {
  readonly mean: number;
  readonly standardError: number;
  readonly wanted: number;
}

/** Fewer values have no standard error to speak of. */
const fewest = 20;
/** Of the temperature: a bias that matters. Neither temperature tells of less in a run of some hundred draws. */
const tolerated = 0.2;
/** Share of trajectories accepted, below which HMC hardly moves: 0.65 is the best there is (Neal 2011, sec. 4.4). */
const leastAcceptance = 0.4;

const excess = ({ mean, standardError, wanted }: Reading): number =>
  Math.abs(mean - wanted) > Math.max(3 * standardError, tolerated * wanted) ? Math.sign(mean - wanted) : 0;
const against = (name: string, { mean, standardError, wanted }: Reading): string =>
  `${name} of ${mean.toFixed(2)} ± ${standardError.toFixed(2)} instead of ${wanted}`;

/** By the metric that each looks at. */
const rules: { readonly [metric: string]: (reading: Reading) => string | undefined } = {
  acceptance: ({ mean }) =>
    mean < leastAcceptance
      ? `Only ${Math.round(100 * mean)} % of the trajectories were accepted: the step is too large. Start from a third of the step size, or lengthen the burn-in, in which it is adapted.`
      : undefined,
  configurationalTemperature(reading) {
    const what = against('a configurational temperature', reading);
    if (excess(reading) > 0)
      return `The chain is hotter than it should be: ${what}. The step is too large, or the chain still falls towards the posterior. Halve the step size, take larger batches, or lengthen the burn-in.`;
    if (excess(reading) < 0) return `The chain is colder than it should be: ${what}. It has not filled its posterior yet. Train longer, or with larger steps.`;
    return undefined;
  },
  kineticTemperature(reading) {
    const what = against('a kinetic temperature', reading);
    if (excess(reading) > 0)
      return `The momentum is hotter than it should be: ${what}. Minibatches bring in more noise than the friction takes away, or the step is too large. Halve the step size, or take more friction or larger batches.`;
    if (excess(reading) < 0)
      return `The momentum is colder than it should be: ${what}. More noise is counted as the minibatches’ than they bring in. Do not count it, lengthen the burn-in, or take smaller steps.`;
    return undefined;
  },
};

/** Values of the method's metrics at each draw that was kept, by metric. `temperature`: the one wanted; at 0 nothing can be said. */
export function readingsWarn(values: { readonly [metric: string]: Float64Array }, temperature: number): readonly Warning[] {
  if (temperature === 0) return [];
  return Object.entries(rules).flatMap(([metric, warn]) => {
    const own = values[metric];
    if (!own || own.length < fewest) return [];
    const message = warn({ mean: meanOf(own), standardError: Math.sqrt(varianceOf(own) / effectiveSampleSize([own])), wanted: temperature });
    return message === undefined ? [] : [{ id: metric, message }];
  });
}

/** `agreement`: of predictions, over so many chains of so many draws each. */
export const mixingWarns = (agreement: Agreement, chains: number, draws: number): readonly Warning[] =>
  areEnough(chains, draws) && areApart(agreement)
    ? [
        {
          id: 'mixing',
          message: `The ${chains} chains do not agree about predictions: R̂ is up to ${agreement.worst.toFixed(2)} (at most ${mixingLimits.rhat} where chains have mixed). Train longer, lengthen the burn-in, or take larger steps if the temperature allows; the study of chains shows where they differ.`,
        },
      ]
    : [];
