/** @file Whether a cross-validation can be run: its number of splits, and every fault of every candidate. */
import type { CrossValidationCheck, CrossValidationSpec } from '../../contract/cross-validation';
import { candidatesOf } from '../../contract/cross-validation';
import type { SpecProblem } from '../../contract/spec';
import { kindOf } from '../../datasets/open';
import { splitCount, type TableSplit } from '../../datasets/table-split';
import { runOf } from '../../experiments/cross-validation';
import { ZodError } from 'zod';
import { checkSpec, type CheckContext } from './check';

export async function checkCrossValidation(spec: CrossValidationSpec, context: CheckContext): Promise<CrossValidationCheck> {
  const { dataset } = spec.run;
  const kind = kindOf(dataset.id, context.imported);
  if (!kind || !('fold' in kind.settings.shape))
    return { splits: 0, problems: [{ path: 'dataset', message: `${kind?.title ?? dataset.id} has no splits; choose a table.` }] };
  const settings = kind.settings.safeParse(dataset.settings);
  const parts = settings.success ? splitCount(settings.data as unknown as TableSplit, kind.givenFolds) : 0; // every table's settings have its fields
  const splits = Math.min(spec.splits || parts, parts);
  const candidates = candidatesOf(spec);
  const problems: SpecProblem[] =
    candidates.length > mostCandidates ? [{ path: 'grid', message: `The grid has ${candidates.length} combinations; choose at most ${mostCandidates}.` }] : [];
  if (spec.run.from)
    problems.push({ path: 'from', message: 'A cross-validation starts every split from random weights; take away the run that this one starts from.' });
  for (const values of candidates.slice(0, mostCandidates)) problems.push(...(await problemsOf(spec, values, context)));
  const distinct = new Map(problems.map((problem) => [`${problem.path}: ${problem.message}`, problem]));
  return { splits, problems: [...distinct.values()] };
}

const mostCandidates = 100;

async function problemsOf(spec: CrossValidationSpec, values: readonly number[], context: CheckContext): Promise<SpecProblem[]> {
  try {
    return await checkSpec(runOf(spec, 1, values, spec.validationFraction, 1), context);
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    return error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  }
}
