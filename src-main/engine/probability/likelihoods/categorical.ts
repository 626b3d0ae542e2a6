/** @file Classes by softmax. */
import { argMax, log, logSoftmax, mul, neg, oneHot, slice, softmax, sqrt, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { uniform, type Key } from '../../numerics/random';
import { defineLikelihood } from '../likelihood';

/** Classes drawn from the softmax, one-hot: the arg-max of logits with Gumbel noise (Gumbel 1954). */
const drawClasses = (logits: Tensor, classes: number, key: Key): Tensor => oneHot(argMax(sub(logits, log(neg(log(uniform(key, logits.shape))))), -1), classes);

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
    curvature: {
      // diag(p) − p pᵀ = Σ_c p_c (e_c − p)(e_c − p)ᵀ
      root(outputs) {
        const p = softmax(outputs);
        return Array.from({ length: classes }, (_, c) => mul(sqrt(slice(p, [0, c], [-1, 1])), sub(oneHot([c], classes), p)));
      },
      sampledScore: (outputs, _params, key) => sub(softmax(outputs), drawClasses(outputs, classes, key)),
    },
    predict: (outputs) => ({ probabilities: softmax(outputs) }),
  }),
});
