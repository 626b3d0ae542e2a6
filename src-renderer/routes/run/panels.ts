/** @file Which curves a run shows together, from the ids of its metrics. Unknown metrics get a panel of their own. */
import type { MetricInfo } from '../../../src-main/contract/run';
import type { LearningCurves } from '../../charts/learning-curve';
import type { MetricColumns } from '../../state/metric-columns';

type Series = LearningCurves['series'][number];

export interface Panel {
  readonly title: string;
  readonly data: LearningCurves;
}

interface Measured {
  readonly task: 'classification' | 'regression';
  readonly metrics: readonly MetricInfo[];
  readonly steps: MetricColumns;
  readonly epochs: MetricColumns;
  /** For the axis of what is measured once per epoch. */
  readonly stepsPerEpoch: number;
}

const parts = new Set(['elbo', 'nll', 'kl', 'objective']);

export function panelsOf({ task, metrics, steps, epochs, stepsPerEpoch }: Measured): Panel[] {
  const byStep = metrics.filter(({ scope }) => scope === 'step');
  const others = byStep.filter(({ id }) => !parts.has(id));
  const perEpoch = Float64Array.from(epochs.steps, (step) => step / stepsPerEpoch);
  const epochSeries = (suffix: string, scale = 1): Series[] => [
    { name: 'Training', role: 'train', dashed: true, x: perEpoch, y: epochs.column(`train${suffix}`).map((value) => scale * value) },
    { name: 'Validation', role: 'validation', x: perEpoch, y: epochs.column(`validation${suffix}`).map((value) => scale * value) },
  ];
  return [
    objectivePanel(byStep, steps),
    task === 'classification'
      ? { title: 'Error', data: { series: epochSeries('Error', 100), xLabel: 'Epoch', xZero: true, yLabel: 'Error', yUnit: '%', zero: true } }
      : {
          title: 'Root mean square error',
          data: { series: epochSeries('Rmse'), xLabel: 'Epoch', xZero: true, yLabel: 'RMSE', yUnit: 'target units', zero: true },
        },
    {
      title: 'Predictive negative log-likelihood',
      data: { series: epochSeries('Nll'), xLabel: 'Epoch', xZero: true, yLabel: 'NLL', yUnit: 'nats per row', zero: task === 'classification' },
    },
    ...others.map(({ id, title, unit }) => ({
      title,
      data: {
        series: [{ name: title, role: 'series-1' as const, x: steps.steps, y: steps.column(id) }],
        xLabel: 'Step',
        yLabel: title,
        ...(unit && { yUnit: unit }),
      },
    })),
  ];
}

/** −ELBO = NLL + KL in nats per row; methods without an ELBO show their objective. The KL is stored per data set, so its share per row is what the other two leave. */
function objectivePanel(metrics: readonly MetricInfo[], steps: MetricColumns): Panel {
  const x = steps.steps;
  const nll: Series = { name: 'NLL', role: 'nll', x, y: steps.column('nll') };
  const axes = { xLabel: 'Step', yLabel: 'Objective', yUnit: 'nats per row' };
  if (!metrics.some(({ id }) => id === 'elbo'))
    return {
      title: 'Objective and its likelihood part',
      data: { series: [{ name: 'Objective', role: 'elbo', x, y: steps.column('objective') }, nll], ...axes },
    };
  const negativeElbo = steps.column('elbo').map((value) => -value);
  const kl = negativeElbo.map((value, row) => value - nll.y[row]!);
  return {
    title: 'Negative ELBO and its parts NLL and KL',
    data: { series: [{ name: '−ELBO', role: 'elbo', x, y: negativeElbo }, nll, { name: 'KL', role: 'kl', x, y: kl }], ...axes, zero: true },
  };
}
