import { expect, it } from 'vitest';
import { axisDomain } from './domain';
import { examples } from './examples.testing';
import { regressionBands } from './regression-bands';
import { regressionUncertainty } from './regression-uncertainty';

it('keeps the points readable where a band grows without bound, and shows bands that do not whole', () => {
  const tame = examples['regression-bands'];
  const wild = { ...tame, total: tame.x.map((x) => Math.exp(4 * x)), aleatoric: tame.x.map((x) => Math.exp(4 * x)) };
  expect(axisDomain(regressionBands.figure(tame), 'y', false)).toEqual([-1.5, 1.5]);
  expect(axisDomain(regressionBands.figure(wild), 'y', false)).toEqual([-2, 2]); // the data span about ±1
  const [, high] = axisDomain(regressionUncertainty.figure(wild), 'y', false)!;
  expect(high).toBeGreaterThan(Math.exp(4)); // the data end at x = 1
  expect(high).toBeLessThan(2 * Math.exp(4));
});
