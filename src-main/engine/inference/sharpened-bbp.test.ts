/** @file Posterior sharpening on the linear model, where the step towards a minibatch is known in closed form. */
import { describe, expect, it } from 'vitest';
import { conjugateRows, conjugateSpecs, exactStep } from './exact-step.testing';
import { sharpenedBbp } from './sharpened-bbp';
import { conjugateTarget, seededNoise } from './testing';
import { drawsOf, type HostState } from './train-testing';

const [step, sd] = [0.03, 0.1];
const build = (rows: number) =>
  sharpenedBbp.build(
    conjugateTarget(rows),
    sharpenedBbp.settings.parse({ optimiser: 'sgd', sharpeningStep: step, sharpenedSd: sd, sigmaForm: 'log-variance' }),
  );

const [mean, sigma, noise] = [
  [0.3, 0.5],
  [0.2, 0.1],
  [0.7, -0.4],
] as const;
const state = { 'mean/w': mean, 'mean/log step of w': [Math.log(step)], 'rho/w': sigma.map((value) => 2 * Math.log(value)) };

/** Residuals of the four rows at w, in units of the noise 0.2. */
const residuals = (w: readonly number[]) => conjugateRows.y.map((y, i) => (w[0]! + w[1]! * i - y) / 0.2);

describe('posterior sharpening', () => {
  // 4 of 8 rows besides 4 of 4: catches a lost N/n. Others: η for η², a lost ½, a step uphill, noise of the wrong deviation, a cost counted twice.
  it.each([4, 8])('steps along the gradient of the batch, and pays for it by the divergence: %i rows', (rows) => {
    const { info } = exactStep(build(rows), conjugateSpecs)(state, conjugateRows, noise);
    const phi = mean.map((value, i) => value + sigma[i]! * noise[i]!);
    const slope = [0, 1].map((power) => residuals(phi).reduce((sum, residual, i) => sum + (residual / 0.2) * i ** power, 0) / 4);
    const theta = phi.map((value, i) => value - step * slope[i]! + sd * noise[i]!);
    const nll = residuals(theta).reduce((sum, residual) => sum + 0.5 * residual ** 2, 0) / 4 + Math.log(0.2) + 0.5 * Math.log(2 * Math.PI);
    const cost = slope.reduce((sum, g) => sum + (step * g) ** 2, 0) / (2 * sd ** 2) / 4; // of each batch, per row
    const kl = mean.reduce((sum, m, i) => sum - Math.log(sigma[i]!) + (sigma[i]! ** 2 + m ** 2) / 2 - 0.5, 0);
    for (const [name, expected] of Object.entries({ nll, sharpening: cost, kl, elbo: -(nll + cost + kl / rows), objective: nll + cost + kl / rows }))
      expect(Math.abs(info[name]! - expected), `${name}: ${info[name]} and ${expected}`).toBeLessThan(1e-6 * (1 + Math.abs(expected)));
  });

  it('predicts with weights that have the noise of both levels', () => {
    const leaves: HostState = Object.entries(state).map(([path, values]) => [path, { shape: path.endsWith('/w') ? [2, 1] : [], values: [...values] }]);
    const draws = drawsOf(build(4), leaves, 600, (s) => seededNoise(5, s)).map(({ w }) => w!);
    for (const i of [0, 1]) {
      const centre = draws.reduce((sum, w) => sum + w[i]!, 0) / 600;
      const variance = draws.reduce((sum, w) => sum + (w[i]! - centre) ** 2, 0) / 600;
      const expected = sigma[i]! ** 2 + sd ** 2;
      expect(Math.abs(centre - mean[i]!)).toBeLessThan(3 * Math.sqrt(expected / 600));
      expect(Math.abs(variance / expected - 1)).toBeLessThan(3 * Math.sqrt(2 / 600));
    }
  });
});
