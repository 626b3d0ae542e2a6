/** @file Results of the literature on the six UCI tables: test RMSE in target units and log-likelihood in nats per row, mean ± standard error over 20 splits. */
import type { PublishedResult } from '../contract/cross-validation';

export type UciName = 'housing' | 'concrete' | 'energy' | 'power' | 'wine' | 'yacht';
/** RMSE, its error, log-likelihood, its error. */
type Cell = readonly [rmse: number, rmseError: number, logLikelihood: number, logLikelihoodError: number];

const gal = 'Gal & Ghahramani (2016), Dropout as a Bayesian Approximation, tables 1 and 2';
const lakshminarayanan = 'Lakshminarayanan et al. (2017), Deep Ensembles, table 1; sd/√20';
/** The source gives standard deviations over the 20 splits. */
const ofSd = ([rmse, rmseSd, logLikelihood, sd]: Cell): Cell => [rmse, rmseSd / Math.sqrt(20), logLikelihood, sd / Math.sqrt(20)];

const published: readonly { readonly method: string; readonly source: string; readonly cells: Readonly<Record<UciName, Cell>> }[] = [
  {
    method: 'VI (Graves 2011)',
    source: gal,
    cells: {
      housing: [4.32, 0.29, -2.9, 0.07],
      concrete: [7.19, 0.12, -3.39, 0.02],
      energy: [2.65, 0.08, -2.39, 0.03],
      power: [4.33, 0.04, -2.89, 0.01],
      wine: [0.65, 0.01, -0.98, 0.01],
      yacht: [6.89, 0.67, -3.43, 0.16],
    },
  },
  {
    method: 'PBP (Hernández-Lobato & Adams 2015)',
    source: gal,
    cells: {
      housing: [3.01, 0.18, -2.57, 0.09],
      concrete: [5.67, 0.09, -3.16, 0.02],
      energy: [1.8, 0.05, -2.04, 0.02],
      power: [4.12, 0.03, -2.84, 0.01],
      wine: [0.64, 0.01, -0.97, 0.01],
      yacht: [1.02, 0.05, -1.63, 0.02],
    },
  },
  {
    method: 'MC dropout',
    source: gal,
    cells: {
      housing: [2.97, 0.19, -2.46, 0.06],
      concrete: [5.23, 0.12, -3.04, 0.02],
      energy: [1.66, 0.04, -1.99, 0.02],
      power: [4.02, 0.04, -2.8, 0.01],
      wine: [0.62, 0.01, -0.93, 0.01],
      yacht: [1.11, 0.09, -1.55, 0.03],
    },
  },
  {
    method: 'MC dropout, 10 × epochs',
    source: gal,
    cells: {
      housing: [2.8, 0.19, -2.39, 0.05],
      concrete: [4.81, 0.14, -2.94, 0.02],
      energy: [1.09, 0.05, -1.72, 0.02],
      power: [4.0, 0.04, -2.79, 0.01],
      wine: [0.61, 0.01, -0.92, 0.01],
      yacht: [0.72, 0.06, -1.38, 0.01],
    },
  },
  {
    method: 'MC dropout, two layers',
    source: gal,
    cells: {
      housing: [2.8, 0.13, -2.34, 0.02],
      concrete: [4.5, 0.18, -2.82, 0.02],
      energy: [0.47, 0.01, -1.48, 0.0],
      power: [3.63, 0.04, -2.67, 0.01],
      wine: [0.6, 0.01, -0.9, 0.01],
      yacht: [0.66, 0.06, -1.37, 0.02],
    },
  },
  {
    method: 'Deep ensemble',
    source: lakshminarayanan,
    cells: {
      housing: ofSd([3.28, 1.0, -2.41, 0.25]),
      concrete: ofSd([6.03, 0.58, -3.06, 0.18]),
      energy: ofSd([2.09, 0.29, -1.38, 0.22]),
      power: ofSd([4.11, 0.17, -2.79, 0.04]),
      wine: ofSd([0.64, 0.04, -0.94, 0.12]),
      yacht: ofSd([1.58, 0.48, -1.18, 0.21]),
    },
  },
];

export const publishedUci = (name: UciName): PublishedResult[] =>
  published.map(({ method, source, cells: { [name]: cell } }) => ({
    method,
    source,
    scores: { rmse: { mean: cell[0], se: cell[1] }, logLikelihood: { mean: cell[2], se: cell[3] } },
  }));
