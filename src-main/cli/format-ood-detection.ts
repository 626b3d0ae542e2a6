/** @file An out-of-distribution detection as tables. */
import type { Estimate, OodDetection } from '../contract/ood-detection';
import { formatTable } from './table';

const estimate = ({ value, low, high }: Estimate) => `${value.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}]`;
const scores = { total: 'total entropy', epistemic: 'mutual information', maxProbability: 'max-probability, negated' } as const;

/** One table a run: a row for each score. */
export const formatOodDetection = ({ runs, coverage }: OodDetection): string =>
  runs
    .map(({ name, inside, outside, draws, detection }) =>
      [
        `${name}: ${inside.rows} rows of ${inside.title} against ${outside.rows} of ${outside.title}, ${draws} draws, ${100 * coverage} % intervals`,
        formatTable([
          ['score', 'AUROC', 'AUPR', 'FPR95'],
          ...(['total', 'epistemic', 'maxProbability'] as const).map((score) => {
            const { auroc, aupr, fpr95 } = detection[score];
            return [scores[score], estimate(auroc), estimate(aupr), estimate(fpr95)];
          }),
        ]),
        formatTable([
          ['mean, nats', 'total', 'epistemic'],
          ...[inside, outside].map(({ title, total, epistemic }) => [title, total.mean.toFixed(4), epistemic.mean.toFixed(4)]),
        ]),
      ].join('\n'),
    )
    .join('\n\n');
