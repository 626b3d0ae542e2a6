/** @file Which problem belongs to which field. Paths: `method.settings.draws`, `architecture.layers.2`. */
import type { SpecProblem } from '../../../src-main/contract/spec';

/** Problems of the fields directly under `path`, by field; deeper ones count for the field that holds them. */
export function fieldProblems(problems: readonly SpecProblem[], path: string): Record<string, string> {
  const inside = problems.filter((problem) => problem.path.startsWith(`${path}.`));
  return Object.fromEntries(inside.map(({ path: full, message }) => [full.slice(path.length + 1).split('.')[0]!, message]));
}

/** Problems of `path` as a whole, and of its parts that are no settings field. */
export const directProblem = (problems: readonly SpecProblem[], path: string): string =>
  problems
    .filter((problem) => problem.path === path || problem.path === `${path}.id` || problem.path === `${path}.settings`)
    .map(({ message }) => message)
    .join(' ');
