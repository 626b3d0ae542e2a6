/** @file `runs compare A,B`: what the runs ended with, and where their settings differ. */
import { columnTitle, compareRuns, coverageText, distinctNames, type Comparison, type ComparedRun } from '../contract/comparison';
import { WorkbenchError } from '../contract/errors';
import { Evaluation } from '../contract/experiment';
import type { RunId } from '../contract/ids';
import { settingsDiff } from '../contract/settings-diff';
import { exitCodes } from './exit-codes';
import { namedRuns } from './named-runs';
import { formatNumber } from './progress';
import type { Session } from './session';
import { formatTable } from './table';

export async function compareStored({ client }: Session, words: readonly string[]): Promise<number> {
  const ids = await namedRuns(client, words.join(','));
  if (!ids || ids.length < 2)
    throw new WorkbenchError('invalid-spec', 'Say which runs to compare, at least two: npm run runs -- compare RUN,RUN; "npm run runs" lists them.');
  const [catalogue, runs] = await Promise.all([client.call('catalogue.get', null), Promise.all(ids.map((id) => client.call('runs.get', id)))]);
  const compared = await Promise.all(runs.map(async (run): Promise<ComparedRun> => ({ run, evaluation: await newestEvaluation(client, run.id) })));
  const diff = settingsDiff(
    runs.map(({ spec }) => spec),
    catalogue,
  );
  console.log(formatComparison(compareRuns(compared, catalogue)));
  if (compared.some(({ evaluation }) => evaluation === null)) console.log('\nRuns without test numbers have not been evaluated: npm run evaluate -- RUN');
  console.log(
    diff.length === 0
      ? '\nTheir settings are equal.'
      : `\n${formatTable([['setting', ...distinctNames(runs)], ...diff.map(({ path, values }) => [path, ...values.map((value) => value ?? '–')])])}`,
  );
  return exitCodes.succeeded;
}

async function newestEvaluation(client: Session['client'], run: RunId): Promise<Evaluation | null> {
  const stored = await client.call('experiments.list', { run });
  const newest = stored.filter(({ kind, status }) => kind === 'evaluate' && status === 'succeeded').toSorted((a, b) => b.createdAt - a.createdAt)[0];
  return newest ? Evaluation.parse(await client.call('experiments.result', newest.id)) : null;
}

const shown = ({ mean, se, count }: NonNullable<Comparison['rows'][number]['values'][number]>) =>
  count > 1 ? `${formatNumber(mean)} ± ${Number(se.toPrecision(2))}` : formatNumber(mean);

/** A line for each run and for each group of seeds, whose numbers are mean ± standard error. */
export const formatComparison = ({ measures, rows }: Comparison): string =>
  formatTable([
    ['run', ...measures.map(columnTitle)],
    ...rows.map((row) => [row.name, ...row.values.map((value) => (value === null ? '–' : shown(value) + coverageText(row, value)))]),
  ]);
