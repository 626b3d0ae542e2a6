/** @file A diagnosis of chains as text. */
import type { ChainDiagnosis } from '../contract/chains';
import { formatTable } from './table';

/** Advice, then a table of predictions and weights for each run. */
export const formatChains = ({ runs }: ChainDiagnosis): string =>
  runs
    .map(({ name, dataset, chains, draws, advice, tooFew, temperature, predictions, weights }) =>
      [
        `${name}: ${dataset}, ${chains} ${chains === 1 ? 'chain' : 'chains'} of ${draws} draws`,
        ...advice.map(({ severity, text }) => `${severity}: ${text}`),
        ...(tooFew === null ? [] : [tooFew]),
        `configurational temperature ${temperature.found.toFixed(3)} ± ${temperature.standardError.toFixed(3)}, ${temperature.wanted} wanted`,
        ...(predictions.agreement && weights.agreement
          ? [
              formatTable([
                ['', 'R̂ median', 'largest', 'up to 1.01', 'bulk ESS median', 'smallest', 'tail ESS median', 'smallest'],
                ...[['predictions', predictions.agreement] as const, ['weights', weights.agreement] as const].map(
                  ([space, { rhat, mixed, bulkEss, tailEss }]) => [
                    space,
                    rhat.median.toFixed(3),
                    rhat.worst.toFixed(3),
                    `${(100 * mixed).toFixed(0)} %`,
                    ...[bulkEss.median, bulkEss.worst, tailEss.median, tailEss.worst].map((value) => value.toFixed(0)),
                  ],
                ),
              ]),
            ]
          : []),
      ].join('\n'),
    )
    .join('\n\n');
