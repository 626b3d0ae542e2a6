/** @file Posteriors in two precisions as tables. */
import type { Quantised } from '../contract/quantisation';
import { formatTable } from './table';

/** One table a run: a row for each quantity. */
export const formatQuantisation = ({ runs }: Quantised): string =>
  runs
    .map(({ name, dataset, rows, draws, calibrationRows, threads, bytes, milliseconds, scores, agreement }) => {
      const title = `${name}: ${dataset}, ${rows} test rows, ${draws} draws, ranges of ${calibrationRows} training rows, ${threads} threads`;
      const table = formatTable([
        ['', 'single precision', '8-bit integers', ''],
        ['size', ...bytes.map((value) => (value / 1e6).toFixed(2)), 'MB'],
        ['time for 1,000 rows', ...milliseconds.map((value) => value.toFixed(1)), 'ms'],
        ...scores.map(({ name, unit, values }) => [name, ...values.map((value) => value.toFixed(4)), unit]),
      ]);
      return [title, table, ...(agreement === null ? [] : [`same class: ${(100 * agreement).toFixed(2)} % of the rows`])].join('\n');
    })
    .join('\n\n');
