/** @file A calibration as tables. */
import type { Calibration } from '../contract/calibration';
import { formatTable } from './table';

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

/** One table a run: a row for each map. */
export const formatCalibration = ({ runs }: Calibration): string =>
  runs
    .map((run) => {
      const head = `${run.name}: ${run.rows} test rows of ${run.dataset}, ${run.draws} draws, fitted on ${run.fitted.rows} rows (${run.fitted.part})`;
      const table =
        run.task === 'classification'
          ? [
              ['', 'error', 'NLL', 'Brier', 'ECE', 'MCE', 'ACE'],
              ...run.variants.map(({ title, temperature, error, nll, brier, ece, mce, ace }) => [
                temperature === null ? title : `${title}, T = ${temperature.toFixed(3)}`,
                percent(error),
                nll.toFixed(4),
                brier.toFixed(4),
                ...[ece, mce, ace].map(percent),
              ]),
            ]
          : [
              ['', 'calibration error', 'inside the 90 % interval'],
              ...run.variants.map(({ title, calibrationError, covered }) => [title, percent(calibrationError), percent(covered)]),
            ];
      return `${head}\n${formatTable(table)}`;
    })
    .join('\n\n');
