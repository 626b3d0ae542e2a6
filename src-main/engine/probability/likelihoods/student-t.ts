/** @file Real targets with heavy-tailed noise: outliers pull the mean less. */
import { add, exp, log1p, mul, neg, square, sub, sum, zerosLike } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { logStudentMode } from '../../numerics/log-gamma';
import { defineLikelihood } from '../likelihood';
import { noiseLevel, noiseSettings } from '../noise-level';

/** log p(y | μ, s) = log Γ((ν+1)/2) − log Γ(ν/2) − ½ log πν − log s − (ν+1)/2 log(1 + ((y − μ)/s)²/ν), summed over the targets. */
export const studentT = defineLikelihood({
  id: 'student-t',
  title: 'Student t',
  reference: 'Lange, Little & Taylor (1989), Robust Statistical Modeling Using the t Distribution, sec. 2',
  help: 'Like the Gaussian likelihood, but large errors are expected now and then, so that outliers pull less. Predictions report its standard deviation s √(ν/(ν − 2)); log-likelihoods and coverage are those of the t distribution, moment-matched scores and the CRPS those of Gaussians of that deviation.',
  task: 'regression',
  settings: z.strictObject({
    degrees: z
      .number()
      .min(2.1)
      .max(1000)
      .default(4)
      .meta({ title: 'Degrees of freedom', description: 'ν: the fewer, the heavier the tails; above 30 the noise is nearly Gaussian.', scale: 'log' }),
    ...noiseSettings,
    sd: noiseSettings.sd.meta({ ...noiseSettings.sd.meta(), description: 'Scale s of the noise.' }),
  }),
  build({ degrees, ...settings }, { outputs: targets }) {
    const { outputs, parameters, parts } = noiseLevel(settings, targets);
    const constant = logStudentMode(degrees);
    return {
      task: 'regression',
      outputs,
      parameters,
      degrees,
      logDensity(outputs, y, params) {
        const { mean, logScale } = parts(outputs, params);
        const tails = mul(log1p(mul(square(mul(sub(y, mean), exp(neg(logScale)))), 1 / degrees)), (degrees + 1) / 2);
        return neg(sum(sub(add(tails, logScale), constant), -1));
      },
      predict(outputs, params) {
        const { mean, logScale } = parts(outputs, params);
        return { mean, sd: add(zerosLike(mean), mul(exp(logScale), Math.sqrt(degrees / (degrees - 2)))) };
      },
    };
  },
});
