import { expect, it } from 'vitest';
import { priors } from '../probability/priors';
import { describeWeightDecay } from './weight-decay';

it('says a Gaussian prior as weight decay on the mean loss', () => {
  // N(0, .1²) over 60,000 rows: precision 100, decay 100/60,000 = .00167. Catches the sd for the precision, and a decay per data set.
  const prior = priors.gaussian.build({ sd: 0.1 });
  expect(describeWeightDecay({ prior: { a: prior, b: prior }, rows: 60_000 })).toMatch(/precision 100: weight decay 0\.00167 .* 60,000 rows/);
});

it('says nothing of other priors, or of several', () => {
  const laplace = priors.laplace.build({ scale: 1 });
  expect(describeWeightDecay({ prior: { a: laplace }, rows: 10 })).toBeUndefined();
  expect(describeWeightDecay({ prior: { a: priors.gaussian.build({ sd: 1 }), b: priors.gaussian.build({ sd: 2 }) }, rows: 10 })).toBeUndefined();
});
