/** @file Two classes by one logit. */
import { cast, concat, mul, neg, reshape, sigmoid, softplus, sub, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { defineLikelihood } from '../likelihood';

/** The one logit of each row, without its axis. */
const logitOf = (outputs: Tensor): Tensor => reshape(outputs, outputs.shape.slice(0, -1));

/** log p(y | a) = y a − log(1 + eᵃ), a the logit of class 1. */
export const bernoulli = defineLikelihood({
  id: 'bernoulli',
  title: 'Bernoulli',
  reference: 'Logistic regression; Neal (1996), Bayesian Learning for Neural Networks, sec. 1.1.1',
  help: 'For two classes: one output, the logit of the second class. Half the read-out of a categorical likelihood, and no direction of the weights without effect.',
  task: 'classification',
  problem: ({ outputs }) =>
    outputs === 2 ? undefined : `A Bernoulli likelihood tells two classes apart, and this dataset has ${outputs}. Choose Categorical.`,
  settings: z.strictObject({}),
  build: () => ({
    task: 'classification',
    outputs: 1,
    parameters: [],
    logDensity(outputs, y) {
      const logit = logitOf(outputs);
      return sub(mul(logit, cast(y, 'float32')), softplus(logit));
    },
    predict: (outputs) => ({ probabilities: concat([sigmoid(neg(outputs)), sigmoid(outputs)], -1) }),
  }),
});
