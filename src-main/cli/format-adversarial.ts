/** @file An adversarial study as a table. */
import type { Adversarial } from '../contract/adversarial';
import { formatTable } from './table';

/** One table a run: a row for each ε. */
export const formatAdversarial = ({ attack, units, runs }: Adversarial): string =>
  runs
    .map(({ name, dataset, rows, draws, epsilons, error, ...means }) =>
      [
        `${name}: ${attack.toUpperCase()} on ${rows} rows of ${dataset}, ${draws} draws, ε in ${units} units`,
        formatTable([
          ['ε', 'error %', 'p(true class)', 'total', 'aleatoric', 'epistemic'],
          ...epsilons.map((epsilon, i) => [
            epsilon.toFixed(3),
            (100 * error[i]!).toFixed(2),
            ...(['probability', 'total', 'aleatoric', 'epistemic'] as const).map((part) => means[part].mean[i]!.toFixed(4)),
          ]),
        ]),
      ].join('\n'),
    )
    .join('\n\n');
