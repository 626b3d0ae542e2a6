/** @file Runs side by side: what each ended with, and the mean ± standard error of those that differ in nothing but the seed. */
import type { Catalogue } from './catalogue';
import { meanAndError, type MeanAndError } from './cross-validation';
import type { Evaluation } from './experiment';
import type { Run } from './run';
import { settingsOf } from './settings-diff';

export interface ComparedRun {
  readonly run: Run;
  /** The newest stored one. */
  readonly evaluation: Evaluation | null;
}

/** One number of a run; undefined where it was not measured. */
export interface Measure {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  of(compared: ComparedRun): number | null | undefined;
}

const classes = (evaluation: Evaluation | null) => (evaluation?.task === 'classification' ? evaluation : undefined);
const targets = (evaluation: Evaluation | null) => (evaluation?.task === 'regression' ? evaluation : undefined);
const percent = (share: number | null | undefined) => (typeof share === 'number' ? 100 * share : undefined);

const measures: readonly Measure[] = [
  { id: 'elbo', title: 'ELBO', unit: 'nats per row', of: ({ run }) => run.latest['elbo'] },
  { id: 'validationError', title: 'Validation error', unit: '%', of: ({ run }) => percent(run.latest['validationError']) },
  { id: 'validationRmse', title: 'Validation RMSE', unit: 'target units', of: ({ run }) => run.latest['validationRmse'] },
  { id: 'validationNll', title: 'Validation NLL', unit: 'nats per row', of: ({ run }) => run.latest['validationNll'] },
  { id: 'error', title: 'Test error', unit: '%', of: ({ evaluation }) => percent(classes(evaluation)?.error) },
  { id: 'rmse', title: 'Test RMSE', unit: 'target units', of: ({ evaluation }) => targets(evaluation)?.rmse },
  { id: 'nll', title: 'Test NLL', unit: 'nats per row', of: ({ evaluation }) => evaluation?.nll },
  { id: 'brier', title: 'Brier', unit: '', of: ({ evaluation }) => classes(evaluation)?.brier },
  { id: 'ece', title: 'ECE', unit: '%', of: ({ evaluation }) => percent(classes(evaluation)?.ece) },
  { id: 'coverage', title: 'In 90 % intervals', unit: '%', of: ({ evaluation }) => percent(targets(evaluation)?.coverage) },
  { id: 'total', title: 'Total', unit: 'nats', of: ({ evaluation }) => classes(evaluation)?.uncertainty.mean.total },
  { id: 'aleatoric', title: 'Aleatoric', unit: 'nats', of: ({ evaluation }) => classes(evaluation)?.uncertainty.mean.aleatoric },
  { id: 'epistemic', title: 'Epistemic', unit: 'nats', of: ({ evaluation }) => classes(evaluation)?.uncertainty.mean.epistemic },
  { id: 'draws', title: 'Draws', unit: '', of: ({ evaluation }) => evaluation?.draws },
];

type Averaged = MeanAndError & { readonly count: number };

/** A run, or the mean of a group of them. */
export interface ComparisonRow {
  readonly name: string;
  readonly runs: readonly Run[];
  /** By the measures' order, over the `count` runs that have it; null where none has. */
  readonly values: readonly (Averaged | null)[];
}

export interface Comparison {
  /** Those that at least one run has. */
  readonly measures: readonly Measure[];
  /** Each group before its runs; a run that is its own group stands alone. */
  readonly rows: readonly ComparisonRow[];
}

/** Names by which the runs can be told apart: those that share one get their seed, else their id. */
export function distinctNames(runs: readonly Run[]): readonly string[] {
  const seeded = runs.map(({ name, spec }) => (runs.filter((other) => other.name === name).length > 1 ? `${name}, seed ${spec.training.seed}` : name));
  return seeded.map((name, i) => (seeded.filter((other) => other === name).length > 1 ? `${runs[i]!.name}, ${runs[i]!.id}` : name));
}

/** Runs in the order given; those that differ only in their seed stand together, below their mean. */
export function compareRuns(compared: readonly ComparedRun[], catalogue: Catalogue): Comparison {
  const names = distinctNames(compared.map(({ run }) => run));
  const shown = measures.filter((measure) => compared.some((one) => Number.isFinite(measure.of(one))));
  const rowOf = (name: string, members: readonly ComparedRun[]): ComparisonRow => ({
    name,
    runs: members.map(({ run }) => run),
    values: shown.map((measure) => meanAndError(members.map((member) => measure.of(member) ?? NaN))),
  });
  const groups = new Map<string, ComparedRun[]>();
  for (const one of compared) {
    const settings = [...settingsOf(one.run.spec, catalogue)].filter(([path]) => path !== 'training.seed');
    const key = JSON.stringify(settings.toSorted(([a], [b]) => (a < b ? -1 : 1)));
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const rows = [...groups.values()].flatMap((members) => {
    const alone = members.map((member) => rowOf(names[compared.indexOf(member)]!, [member]));
    return members.length === 1 ? alone : [rowOf(`${members[0]!.run.name}, ${members.length} seeds`, members), ...alone];
  });
  return { measures: shown, rows };
}

/** ` (1 of 2)` where some runs of a group lack the number. */
export const coverageText = ({ runs }: ComparisonRow, value: Averaged): string => (value.count < runs.length ? ` (${value.count} of ${runs.length})` : '');

export const columnTitle = ({ title, unit }: Measure): string => (unit ? `${title} (${unit})` : title);

/** Columns of equal length, for files: a mean and a standard error of each measure, NaN where there is none. */
export function comparisonTable({ measures, rows }: Comparison): Record<string, (string | number)[]> {
  return {
    name: rows.map(({ name }) => name),
    runs: rows.map(({ runs }) => runs.map(({ id }) => id).join(' ')),
    ...Object.fromEntries(
      measures.flatMap((measure, m) => [
        [columnTitle(measure), rows.map(({ values }) => values[m]?.mean ?? NaN)],
        [`${columnTitle(measure)} standard error`, rows.map(({ values }) => (values[m] && values[m].count > 1 ? values[m].se : NaN))],
      ]),
    ),
  };
}
