import { expect, it } from 'vitest';
import type { MetricChunk } from '../../../src-main/contract/run';
import { MetricColumns } from '../../state/metric-columns';
import { curvesOf, firstChoice, metricsOf, type ComparedCurve } from './curves';

const columns = (chunk: Partial<MetricChunk>) => {
  const made = new MetricColumns();
  made.append({ names: [], steps: new Float64Array(), values: new Float64Array(), ...chunk });
  return made;
};
const curve = (name: string, stepsPerEpoch: number, metric: string): ComparedCurve => ({
  name,
  stepsPerEpoch,
  steps: columns({ names: [metric], steps: Float64Array.of(5, 10), values: Float64Array.of(-3, -2) }),
  epochs: columns({ names: ['validationError'], steps: Float64Array.of(10, 20), values: Float64Array.of(0.5, 0.25) }),
});
const info = (id: string) => ({ id, title: id, unit: 'nats', scope: 'step' as const });

it('puts runs of different batch sizes on one axis of epochs, errors in per cent', () => {
  const runs = [curve('a', 10, 'elbo'), curve('b', 5, 'objective')];
  const [error] = metricsOf([info('elbo')], runs);
  const { series, yUnit, xLabel } = curvesOf(error!, runs);
  expect(series.map(({ name, x, y }) => [name, [...(x as Float64Array)], [...(y as Float64Array)]])).toEqual([
    ['a', [1, 2], [50, 25]],
    ['b', [2, 4], [50, 25]],
  ]);
  expect([xLabel, yUnit]).toEqual(['Epoch', '%']);
});

it('offers each metric that any run has once, and leaves out runs without it', () => {
  const runs = [curve('a', 10, 'elbo'), curve('b', 5, 'objective')];
  const metrics = metricsOf([info('elbo'), info('objective'), info('elbo'), info('kl')], runs);
  expect(metrics.map(({ id }) => id)).toEqual(['validationError', 'elbo', 'objective']);
  expect(firstChoice(metrics)).toEqual(['validationError', 'elbo']);
  expect(curvesOf(metrics[2]!, runs).series.map(({ name, role }) => [name, role])).toEqual([['b', 'series-2']]);
});

it('tells the eighth run from the first by its dashes', () => {
  const runs = Array.from({ length: 8 }, (_, i) => curve(`run ${i}`, 10, 'elbo'));
  const { series } = curvesOf(metricsOf([info('elbo')], runs)[0]!, runs);
  expect([series[7]!.role, series[7]!.dashed, series[0]!.dashed]).toEqual(['series-1', true, false]);
});
