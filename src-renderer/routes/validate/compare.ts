/** @file What a chart compares: the cross-validations of one dataset, and the literature. */
import { summarise, type CrossValidation, type Fit, type PublishedResult, type ScoreInfo } from '../../../src-main/contract/cross-validation';
import type { ScoreComparison } from '../../charts/score-comparison';

/** `PBP (Hernández-Lobato & Adams 2015)` → `PBP`: the source has the names. */
const short = (method: string): string => method.replace(/ \(.*\)$/, '');

/** Scores of measured groups, `chosen` first, then the published rows that know the score. */
export function compareScores(
  score: ScoreInfo,
  unit: string,
  groups: readonly { readonly group: CrossValidation; readonly fits: readonly Fit[] }[],
  published: readonly PublishedResult[],
): ScoreComparison {
  const measured = groups.flatMap(({ group, fits }) => {
    const refits = fits.filter((fit) => fit.type === 'refit');
    const summary = summarise(refits, 'test', score.id);
    const train = summarise(refits, 'train', score.id);
    return summary ? [{ name: group.name, mean: summary.mean, se: summary.se, ...(train && { train: { mean: train.mean, se: train.se } }) }] : [];
  });
  const known = published.flatMap(({ method, source, scores }) =>
    scores[score.id] ? [{ name: short(method), ...scores[score.id]!, source: `${method}; ${source}` }] : [],
  );
  return { score: score.title, unit: score.unit ?? unit, better: score.better, entries: [...measured, ...known] };
}
