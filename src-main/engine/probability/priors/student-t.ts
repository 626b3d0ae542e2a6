/** @file Student's t: a Gaussian with heavy tails. */
import { add, log1p, mul, square, sum } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { logStudentMode } from '../../numerics/log-gamma';
import { definePrior } from '../prior';

/** log p(w) = log Γ((ν+1)/2) − log Γ(ν/2) − ½ log πν − log s − (ν+1)/2 log(1 + w²/(ν s²)). */
export const studentT = definePrior({
  id: 'student-t',
  title: 'Student t',
  reference: 'Fortuin et al. (2022), Bayesian Neural Network Priors Revisited, sec. 3',
  help: 'Independent Student t on each weight: like a Gaussian near zero, but large weights are pulled back far less. The fewer degrees of freedom, the heavier the tails.',
  settings: z.strictObject({
    degrees: z
      .number()
      .min(0.5)
      .max(1000)
      .default(3)
      .meta({ title: 'Degrees of freedom', description: 'ν: 1 is a Cauchy distribution; above 30 it is nearly Gaussian.', scale: 'log' }),
    scale: z
      .number()
      .min(1e-6)
      .max(1e3)
      .default(0.1)
      .meta({ title: 'Scale', description: 's. The standard deviation is s √(ν/(ν − 2)) for ν > 2, else infinite.', scale: 'log' }),
  }),
  build({ degrees, scale }) {
    const constant = logStudentMode(degrees) - Math.log(scale);
    const precision = 1 / (degrees * scale ** 2);
    return {
      logDensity: (w) => add(mul(sum(log1p(mul(square(w), precision))), -(degrees + 1) / 2), w.size * constant),
      density: (w) => constant - ((degrees + 1) / 2) * Math.log1p(precision * w ** 2),
    };
  },
});
