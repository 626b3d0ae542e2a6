/** @file A cross-validation as a table: mean ± standard error over the splits, beside the literature. */
import { scoreInfos, summarise, type CrossValidation, type Fit, type MeanAndError, type PublishedResult } from '../contract/cross-validation';
import { formatNumber } from './progress';
import { formatTable } from './table';

/** `2.97 ± 0.19`: as many digits as the error has. */
const meanAndError = (value: MeanAndError | null): string => {
  if (!value) return '–';
  const decimals = value.se > 0 ? Math.max(0, 1 - Math.floor(Math.log10(value.se))) : 3;
  return `${value.mean.toFixed(Math.min(decimals, 6))} ± ${formatNumber(Number(value.se.toPrecision(2)))}`;
};

export function formatCrossValidation(
  { name, status, spec }: Pick<CrossValidation, 'name' | 'status' | 'spec'>,
  fits: readonly Fit[],
  published: readonly PublishedResult[],
  task: 'regression' | 'classification',
): string {
  const refits = fits.filter((fit) => fit.type === 'refit');
  const rows = scoreInfos[task].map(({ id, title, unit }) => [
    title,
    meanAndError(summarise(refits, 'train', id)),
    meanAndError(summarise(refits, 'test', id)),
    unit ?? 'target units',
  ]);
  const compared = scoreInfos[task].filter(({ id }) => published.some(({ scores }) => id in scores));
  const literature = published.map(({ method, scores, source }) => [method, ...compared.map(({ id }) => meanAndError(scores[id] ?? null)), source]);
  return [
    formatTable([[`${name}: ${refits.length} of ${spec.splits} splits, ${status}`, 'training rows', 'test rows', ''], ...rows]),
    ...(literature.length > 0 ? ['', formatTable([['published', ...compared.map(({ title }) => title), 'source'], ...literature])] : []),
  ].join('\n');
}
