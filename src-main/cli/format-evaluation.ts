/** @file An evaluation as a table. */
import type { Evaluation } from '../contract/experiment';
import { formatNumber } from './progress';
import { formatTable } from './table';

/** Measure, value, unit. */
export function formatEvaluation(result: Evaluation): string {
  const decomposed = (unit: string) =>
    (['total', 'aleatoric', 'epistemic'] as const).map((part) => [`${part} uncertainty, mean`, formatNumber(result.uncertainty.mean[part]), unit]);
  const rows =
    result.task === 'classification'
      ? [
          ['test error', (result.error * 100).toFixed(2), `% (${result.errors} of ${result.rows})`],
          ['negative log-likelihood', formatNumber(result.nll), 'nats per row'],
          ['negative log-likelihood, sum', formatNumber(result.nllSum), 'nats'],
          ['Brier score', formatNumber(result.brier), ''],
          ['expected calibration error', formatNumber(result.ece), ''],
          ...decomposed('nats'),
        ]
      : [
          ['RMSE', formatNumber(result.rmse), result.target.unit],
          ['negative log-likelihood', formatNumber(result.nll), 'nats per row'],
          ['NLL, moment-matched Gaussian', formatNumber(result.nllMomentMatched), 'nats per row'],
          ...(result.coverage === undefined ? [] : [['targets in 90 % intervals', (result.coverage * 100).toFixed(1), '%']]),
          ...decomposed(result.target.unit),
        ];
  const { evidence } = result;
  const ofLaplace = evidence
    ? [
        [
          'log marginal likelihood',
          formatNumber(evidence.logMarginalLikelihood),
          `nats, training rows, at ${formatNumber(evidence.precision)} × the prior’s precision`,
        ],
      ]
    : [];
  return formatTable([[`${result.dataset}, ${result.rows} test rows`, `${result.draws} draws`, ''], ...rows, ...ofLaplace]);
}
