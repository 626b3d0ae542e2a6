/** @file Weight histograms and prunings as tables. */
import type { Pruning, WeightHistograms } from '../contract/weights';
import { formatTable } from './table';

/** One table a run: a row for each tensor. */
export const formatWeights = ({ runs }: WeightHistograms): string =>
  runs
    .map(({ name, draws, exact, layers }) =>
      [
        `${name}: ${exact ? 'exact moments' : `moments of ${draws} draws`}`,
        formatTable([
          ['', 'weights', 'mean |μ|', 'mean σ', '|μ| < σ'],
          ...layers.map(({ name, weights, meanSize, meanSd, uncertain }) => [
            name,
            String(weights),
            meanSize.toPrecision(3),
            meanSd.toPrecision(3),
            `${(100 * uncertain).toFixed(1)} %`,
          ]),
        ]),
      ].join('\n'),
    )
    .join('\n\n');

/** One table a run and criterion: a row for each share removed. */
export const formatPruning = ({ runs }: Pruning): string =>
  runs
    .flatMap(({ name, rows, draws, criteria }) =>
      criteria.map(({ title, unit, points }) =>
        [
          `${name}: weights removed by ${title.toLowerCase()}, ${rows} test rows, ${draws} draws`,
          formatTable([
            ['removed', 'kept', `below (${unit})`, 'error', 'NLL'],
            ...points.map(({ removed, kept, threshold, error, nll }) => [
              `${(100 * removed).toFixed(1)} %`,
              String(kept),
              threshold === null ? '' : threshold.toFixed(2),
              `${(100 * error).toFixed(2)} %`,
              nll.toFixed(4),
            ]),
          ]),
        ].join('\n'),
      ),
    )
    .join('\n\n');
