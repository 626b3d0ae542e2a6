/** @file Classes by softmax. */
import { logSoftmax, mul, oneHot, softmax, sum } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { defineLikelihood } from '../likelihood';

/** log p(y | logits) = logits_y − log Σ_k exp logits_k. */
export const categorical = defineLikelihood({
  id: 'categorical',
  title: 'Categorical',
  reference: 'Softmax cross-entropy',
  help: 'One output per class; softmax turns them into probabilities.',
  task: 'classification',
  settings: z.strictObject({}),
  build: (_settings, { outputs: classes }) => ({
    task: 'classification',
    outputs: classes,
    parameters: [],
    logDensity: (outputs, y) => sum(mul(oneHot(y, classes), logSoftmax(outputs)), -1),
    predict: (outputs) => ({ probabilities: softmax(outputs) }),
  }),
});
