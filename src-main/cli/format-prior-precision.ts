/** @file A choice of prior precisions as tables. */
import type { PriorPrecision } from '../contract/prior-precision';
import { formatTable } from './table';

/** One table a run: a row for each precision. */
export const formatPriorPrecision = ({ runs }: PriorPrecision): string =>
  runs
    .map(({ name, dataset, rows, draws, current, precision, logEvidence, nll, score }) => {
      const ofRows = rows > 0 ? `${rows} validation rows, ${draws} draws` : 'no validation rows';
      const scored = (value: number | undefined) => (value === undefined ? '' : score.name === 'ECE' ? `${(100 * value).toFixed(2)} %` : value.toPrecision(4));
      return `${name}: ${dataset}, ${ofRows}; precision in use ${current.toPrecision(3)}\n${formatTable([
        ['precision', 'log evidence', 'NLL', score.name],
        ...precision.map((value, i) => [value.toPrecision(3), logEvidence[i]!.toFixed(1), nll[i]?.toFixed(4) ?? '', scored(score.values[i])]),
      ])}`;
    })
    .join('\n\n');
