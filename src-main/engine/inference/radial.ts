/** @file Mean-field variational inference with draws whose distance from the mean does not grow with the number of weights. */
import { div, mul, sqrt, square, sum } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { logGamma } from '../numerics/log-gamma';
import { fold, normal } from '../numerics/random';
import { byWeights } from './bayes-by-backprop';
import { boundMetrics, evidenceBound } from './evidence-bound';
import { monteCarlo } from './kl-divergence';
import { meanField, meanFieldProblems, meanFieldSwitches } from './mean-field';
import { drawsSetting, meanFieldSettings } from './mean-field-settings';
import { defineMethod } from './method';
import type { Noise } from './weight-draw';

const eulerGamma = 0.5772156649015329;

/** A uniform direction for each tensor, at a distance |r|, r ~ N(0, 1). */
export const radialNoise: Noise = {
  draw(key, shape) {
    const direction = normal(key, shape);
    return mul(direction, div(normal(fold(key, 'radius'), []), sqrt(sum(square(direction)))));
  },
  // Of |r|, plus E log of the surface of the sphere of that radius: log(2 π^{d/2} / Γ(d/2)) + (d − 1) E log |r|, E log |r| = −(γ + log 2)/2.
  entropy: (d) =>
    Math.log(2) + (d / 2) * Math.log(Math.PI) - logGamma(d / 2) + 0.5 * Math.log((Math.PI * Math.E) / 2) - ((d - 1) * (eulerGamma + Math.LN2)) / 2,
};

/** q(w): w = mean + σ · direction · |r|, one direction and radius for each parameter tensor. */
export const radial = defineMethod({
  id: 'radial',
  title: 'Radial',
  reference: 'Farquhar, Osborne & Gal (2020), Radial Bayesian Neural Networks; with the constants of its entropy, so that the bound is comparable',
  help: 'Like Bayes by Backprop, but draws lie about one σ from the mean in all, not one σ in every weight: in large layers a Gaussian draw is always far from its mean, which makes training noisy. The σ of a layer of d weights is therefore √d times that of one weight.',
  settings: z.strictObject({ draws: drawsSetting(3), ...meanFieldSettings }),
  converges: 'mean-field',
  randomDraws: true,
  switches: meanFieldSwitches,
  metrics: boundMetrics,
  problems: (target, settings) => meanFieldProblems('Radial', target, { ...settings, kl: 'monte-carlo' }),
  build: (target, settings) =>
    meanField(target, settings, {
      objective: evidenceBound({ estimate: byWeights, divergence: monteCarlo(radialNoise), temperature: settings.temperature, noise: radialNoise }),
      draws: settings.draws,
      noise: radialNoise,
    }),
});
