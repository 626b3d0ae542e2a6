/** @file The curves of one metric for several runs, over epochs: runs of different batch sizes share that axis. */
import type { MetricInfo } from '../../../src-main/contract/run';
import type { LearningCurves } from '../../charts/learning-curve';
import type { Role } from '../../charts/palette';
import type { MetricColumns } from '../../state/metric-columns';

export interface ComparedCurve {
  /** Tells it from the others. */
  readonly name: string;
  readonly steps: MetricColumns;
  readonly epochs: MetricColumns;
  readonly stepsPerEpoch: number;
}

export interface CurveMetric extends MetricInfo {
  /** Shown values are the stored ones times this. */
  readonly scale: number;
  /** Zero belongs to the axis. */
  readonly zero: boolean;
}

const perEpoch = (id: string, title: string, unit: string, scale = 1): CurveMetric => ({ id, title, unit, scope: 'epoch', scale, zero: scale !== 1 });
const epochMetrics: readonly CurveMetric[] = [
  perEpoch('validationError', 'Validation error', '%', 100),
  perEpoch('validationRmse', 'Validation RMSE', 'target units'),
  perEpoch('validationNll', 'Validation NLL', 'nats per row'),
  perEpoch('trainError', 'Training error', '%', 100),
  perEpoch('trainRmse', 'Training RMSE', 'target units'),
  perEpoch('trainNll', 'Training NLL', 'nats per row'),
];

/** What can be drawn: metrics that at least one run has measured, those of epochs first. `known`: the metrics of the runs' methods. */
export function metricsOf(known: readonly MetricInfo[], runs: readonly ComparedCurve[]): readonly CurveMetric[] {
  const byStep = known
    .filter(({ scope }, i) => scope === 'step' && known.findIndex(({ id }) => id === known[i]!.id) === i)
    .map((metric): CurveMetric => ({ ...metric, scale: 1, zero: false }));
  return [...epochMetrics, ...byStep].filter(({ id, scope }) => runs.some((run) => columnsOf(run, scope).last(id) !== undefined));
}

/** Shown before the reader chooses. */
export const firstChoice = (metrics: readonly CurveMetric[]): readonly string[] => {
  const has = (id: string) => metrics.some((metric) => metric.id === id);
  return ['validationError', 'validationRmse', 'validationNll', has('elbo') ? 'elbo' : 'objective'].filter(has);
};

const hues = 7;
/** A colour for each of the first seven runs; the next seven have the same ones, dashed. */
export const roleOf = (run: number): Role => `series-${(run % hues) + 1}` as Role;

const columnsOf = (run: ComparedCurve, scope: MetricInfo['scope']): MetricColumns => (scope === 'epoch' ? run.epochs : run.steps);

export function curvesOf({ id, title, unit, scope, scale, zero }: CurveMetric, runs: readonly ComparedCurve[]): LearningCurves {
  return {
    series: runs.flatMap((run, i) => {
      const columns = columnsOf(run, scope);
      const y = columns.column(id);
      if (y.length === 0) return [];
      return [
        {
          name: run.name,
          role: roleOf(i),
          dashed: i >= hues,
          x: columns.steps.map((step) => step / run.stepsPerEpoch),
          y: scale === 1 ? y : y.map((value) => scale * value),
        },
      ];
    }),
    xLabel: 'Epoch',
    xZero: true,
    yLabel: title,
    ...(unit && { yUnit: unit }),
    zero,
  };
}
