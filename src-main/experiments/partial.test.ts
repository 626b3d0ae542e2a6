import { expect, it } from 'vitest';
import { evaluateClasses } from './evaluate-classes';
import { partialOfClasses, partialOfTargets } from './partial';
import { contextOf, pictures, twoClasses } from './testing';
import type { PartialPrediction } from '../contract/experiment';

it('scores the draws so far against the labels, where there are any', () => {
  const predictive = {
    rows: 2,
    classes: 2,
    draws: 3,
    probabilities: Float64Array.of(0.8, 0.2, 0.6, 0.4),
    votes: new Uint16Array(4),
    total: Float64Array.of(0.4, 0.6),
    aleatoric: Float64Array.of(0.3, 0.5),
    epistemic: Float64Array.of(0.1, 0.1),
  };
  const partial = partialOfClasses(predictive, { rows: 'By hand', of: 9, y: [0, 1] });
  expect(partial).toMatchObject({ rows: 'By hand', draws: 3, of: 9, error: { label: 'Error', value: 50, unit: '%' }, standardError: null });
  expect(partial.nll).toBeCloseTo(-(Math.log(0.8) + Math.log(0.4)) / 2, 12);
  expect(partial.uncertainty.total).toBeCloseTo(0.5, 12);
  expect(partialOfClasses(predictive, { rows: 'Others', of: 9 })).toMatchObject({ error: null, nll: null });
});

// Mutation caught: standardised units told as the target's.
it('speaks in the units of the target', () => {
  const one = Float64Array.of(1);
  const predictive = {
    rows: 1,
    draws: 1,
    mean: one,
    total: one,
    aleatoric: one,
    epistemic: Float64Array.of(0),
    drawMeans: Float32Array.of(1),
    drawSds: Float32Array.of(1),
  };
  const { uncertainty, error, nll, standardError } = partialOfTargets(
    { ...predictive, standardError: { total: 0.1, aleatoric: 0.2, epistemic: 0.3 } },
    {
      of: 2,
      dataset: {
        title: 'By hand',
        test: { rows: 1, x: new Float32Array(1), y: Float32Array.of(3) },
        scaling: { xMean: [0], xSd: [1], yMean: 0, ySd: 10 },
        target: { name: 'y', unit: 'MPa' },
      },
    },
  );
  expect(uncertainty).toEqual({ total: 10, aleatoric: 10, epistemic: 0 });
  expect(error).toEqual({ label: 'RMSE', value: 20, unit: 'MPa' });
  expect(nll).toBeCloseTo(0.5 * Math.log(2 * Math.PI) + 2 + Math.log(10), 6);
  expect(standardError).toEqual({ total: 1, aleatoric: 2, epistemic: 3 });
});

it('is told while a classifier is evaluated', async () => {
  const dataset = pictures([0, 255, 255, 0], [1, 0]);
  const posterior = twoClasses((x, draw) => (x[1]! > 0.5 ? 0.9 : 0.1) - 0.02 * draw);
  const heard: PartialPrediction[] = [];
  const watched: typeof posterior = {
    ...posterior,
    async classify(x, rows, options, watch) {
      watch?.(await posterior.classify(x, rows, { ...options, draws: 2 }));
      return posterior.classify(x, rows, options);
    },
  };
  const context = contextOf(dataset, watched, { report: (_fraction, _message, partial) => void (partial && heard.push(partial)) });
  const result = await evaluateClasses(context.runs[0]!, context, { draws: 4, images: 0, seed: 1 });
  expect(heard).toMatchObject([{ draws: 2, of: 4, error: { value: 0 }, standardError: { total: expect.any(Number) as number } }]);
  expect(result.uncertainty.standardError).toBeDefined();
});
