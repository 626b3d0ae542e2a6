import { expect, it } from 'vitest';
import type { ClassificationEvaluation } from '../../../src-main/contract/experiment';
import { headlines, standardError } from './headline';

const none = { total: 0, aleatoric: 0, epistemic: 0 };
const evaluation: ClassificationEvaluation = {
  task: 'classification',
  dataset: 'MNIST',
  classes: ['0', '1'],
  imageShape: [28, 28],
  rows: 10_000,
  draws: 100,
  errors: 182,
  error: 0.0182,
  nll: 0.06,
  nllSum: 600.5,
  brier: 0.0281,
  ece: 0.0043,
  reliability: { confidence: [], accuracy: [], count: [] },
  confusion: [],
  uncertainty: { mean: none, meanOfErrors: null },
  histogram: { edges: [], total: [], aleatoric: [], epistemic: [] },
  images: [],
  perRow: { label: [], predicted: [], total: [], epistemic: [], nll: [0.05, 0.07, 0.06, 0.06] },
};

it('shows as many digits as the standard error allows', () => {
  const [error, nll, brier, ece] = headlines(evaluation);
  // √(0.0182 · 0.9818 / 10 000) = 0.134 %; sd of the four is √(0.0002 / 3) = 0.00816, over √4
  expect(error).toEqual({ label: 'Test error', value: '1.82 ± 0.13', unit: '%', note: '182 of 10,000 rows' });
  expect(nll).toMatchObject({ value: '0.060 ± 0.004', unit: 'nats' });
  expect([brier!.value, ece!.value]).toEqual(['0.0281', '0.43']);
});

it('adds the evidence of a Laplace approximation, and says under which prior', () => {
  expect(headlines(evaluation)).toHaveLength(4);
  expect(headlines({ ...evaluation, evidence: { logMarginalLikelihood: -8123.456, precision: 31.6228 } }).at(-1)).toEqual({
    label: 'Log marginal likelihood',
    value: '−8,123.5',
    unit: 'nats',
    note: 'of the training rows, at 31.6 × the prior’s precision',
  });
});

it('is the sample deviation over √n, and unknown of one value', () => {
  expect(standardError([1, 2, 3, 4])).toBeCloseTo(Math.sqrt(5 / 3 / 4), 12);
  expect(standardError([1])).toBeNaN();
});
