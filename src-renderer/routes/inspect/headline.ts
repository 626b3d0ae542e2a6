/** @file The numbers of an evaluation as they are shown: value, standard error, unit, note. */
import type { ClassificationEvaluation, Evaluation, RegressionEvaluation } from '../../../src-main/contract/experiment';
import { count, percent, significant, withError } from '../../components/number-format';

export interface Headline {
  readonly label: string;
  readonly value: string;
  readonly unit: string;
  readonly note: string;
}

/** Sample standard deviation / √n. */
export function standardError(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return values.length < 2 ? NaN : Math.sqrt(squares / (values.length - 1) / values.length);
}

export const headlines = (evaluation: Evaluation): readonly Headline[] => [
  ...(evaluation.task === 'classification' ? classification(evaluation) : regression(evaluation)),
  ...ofEvidence(evaluation),
];

/** Of a Laplace approximation; it is of the training rows, and for comparing models of the same data. */
const ofEvidence = ({ evidence }: Evaluation): Headline[] =>
  evidence
    ? [
        {
          label: 'Log marginal likelihood',
          value: significant(evidence.logMarginalLikelihood, 5),
          unit: 'nats',
          note: `of the training rows, at ${significant(evidence.precision, 3)} × the prior’s precision`,
        },
      ]
    : [];

/** A share of n rows has standard error √(e(1 − e) / n). */
function classification({ error, errors, rows, nll, nllSum, brier, ece, perRow }: ClassificationEvaluation): Headline[] {
  return [
    {
      label: 'Test error',
      value: withError(100 * error, 100 * Math.sqrt((error * (1 - error)) / rows)),
      unit: '%',
      note: `${count(errors)} of ${count(rows)} rows`,
    },
    { label: 'NLL per row', value: withError(nll, standardError(perRow.nll)), unit: 'nats', note: `sum ${significant(nllSum, 5)} nats` },
    { label: 'Brier score', value: significant(brier, 3), unit: '', note: '0 perfect, 2 worst' },
    { label: 'Calibration error', value: percent(ece, rows).replace(' %', ''), unit: '%', note: 'ECE, 15 equal-width bins' },
  ];
}

function regression({ rmse, nll, nllMomentMatched, coverage, rows, target }: RegressionEvaluation): Headline[] {
  return [
    { label: 'RMSE', value: significant(rmse, 3), unit: target.unit, note: `${count(rows)} test rows` },
    { label: 'NLL per row', value: significant(nll, 3), unit: 'nats', note: 'of the Gaussian mixture' },
    { label: 'NLL, moment-matched', value: significant(nllMomentMatched, 3), unit: 'nats', note: 'one Gaussian of equal mean and variance' },
    ...(coverage === undefined
      ? []
      : [{ label: 'In 90 % intervals', value: percent(coverage, rows).replace(' %', ''), unit: '%', note: 'of the targets; 90 is right' }]),
  ];
}
