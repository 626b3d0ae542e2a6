import { expect, it } from 'vitest';
import { MetricColumns } from '../../state/metric-columns';
import { panelsOf } from './panels';

const columns = (names: string[], steps: number[], values: number[]) => {
  const made = new MetricColumns();
  made.append({ names, steps: Float64Array.from(steps), values: Float64Array.from(values) });
  return made;
};
const metric = (id: string, scope: 'step' | 'epoch' = 'step') => ({ id, title: id, unit: 'nats', scope });
const epochs = columns(['trainError', 'validationError'], [600, 1200], [0.1, 0.2, 0.05, 0.15]);

it('splits the negative ELBO into parts that add up, per row', () => {
  const steps = columns(['nll', 'kl', 'elbo'], [1, 2], [2, 500, -3, 1.5, 250, -2]);
  const [objective] = panelsOf({ task: 'classification', metrics: [metric('nll'), metric('kl'), metric('elbo')], steps, epochs, stepsPerEpoch: 600 });
  const [total, nll, kl] = objective!.data.series;
  expect([...(total!.y as Float64Array)]).toEqual([3, 2]);
  expect([...(kl!.y as Float64Array)]).toEqual([1, 0.5]);
  expect(total!.y[0]).toBe(nll!.y[0]! + kl!.y[0]!);
});
it('puts errors on an axis of epochs in percent', () => {
  const panels = panelsOf({ task: 'classification', metrics: [metric('objective')], steps: columns(['objective'], [1], [1]), epochs, stepsPerEpoch: 600 });
  const error = panels.find(({ title }) => title === 'Error')!;
  expect([...(error.data.series[1]!.x as Float64Array)]).toEqual([1, 2]);
  expect([...(error.data.series[1]!.y as Float64Array)]).toEqual([20, 15]);
});
it('gives a metric it does not know a panel of its own', () => {
  const panels = panelsOf({
    task: 'regression',
    metrics: [metric('objective'), metric('acceptance')],
    steps: columns(['acceptance'], [1], [0.7]),
    epochs,
    stepsPerEpoch: 1,
  });
  expect(panels.map(({ title }) => title)).toContain('acceptance');
  expect(panels.map(({ title }) => title)).toContain('Root mean square error');
});
