/** @file The unnormalised posterior of one data set: the only place where a minibatch is scaled up to the whole of it. */
import { add, mul, scalar, sum, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { invariant } from '../../contract/errors';
import type { AffineRule } from '../numerics/affine';
import type { ParameterSpec } from '../numerics/parameter';
import type { Key } from '../numerics/random';
import type { Batch } from '../numerics/step';
import type { Params } from '../numerics/tree';
import type { Likelihood, OutputCurvature } from './likelihood';
import type { Prior } from './prior';

/**
 * All a method may know about the model and the data. Everything in nats per data set. A rule replaces the weights in the network's affine maps.
 * Random layers draw noise for each row in the log-likelihoods, which are for training, and for each draw in `forward`, which predicts.
 */
export interface Target {
  /** The network's and the likelihood's own. */
  readonly parameters: readonly ParameterSpec[];
  /** Rows N of the training part. */
  readonly rows: number;
  /** Prior of each Bayesian parameter, by name. Point parameters have none (flat). */
  readonly prior: { readonly [parameter: string]: Prior };
  /** log p(yᵢ | xᵢ, w) of each row of the batch, [rows]. */
  perRowLogLikelihood(params: Params, batch: Batch, key: Key, rule?: AffineRule): Tensor;
  /** (N/n) Σ_batch log p(yᵢ | xᵢ, w), n the rows of this very batch; summed over members, if the parameters have a member axis. */
  logLikelihood(params: Params, batch: Batch, key: Key, rule?: AffineRule): Scalar;
  /** Σ log p(w) over the Bayesian parameters. */
  logPrior(params: Params): Scalar;
  /** Network output before the likelihood, [rows, outputs]. */
  forward(params: Params, x: Tensor, key: Key, rule?: AffineRule): Tensor;
  /** How the likelihood curves in the network's output, where that is known in closed form. */
  readonly outputCurvature?: OutputCurvature;
}

/** What a target is made of. */
export interface TargetParts {
  /** The network's; the likelihood's own are added. */
  readonly parameters: readonly ParameterSpec[];
  /** `Target.forward` when it predicts; with noise for each row when training. Ignores the key unless layers are random. */
  forward(params: Params, x: Tensor, key: Key, rule: AffineRule | undefined, training: boolean): Tensor;
  readonly likelihood: Likelihood;
  readonly priors: Target['prior'];
  /** Rows N of the training part. */
  readonly rows: number;
}

/** log p(w | D) up to a constant, in the parts that inference methods ask for. */
export function makeTarget({ parameters: network, forward, likelihood, priors, rows }: TargetParts): Target {
  const parameters = [...network, ...likelihood.parameters];
  const bayesian = parameters.filter((parameter) => parameter.bayesian);
  for (const { name } of bayesian) invariant(priors[name], `parameter ${name} has no prior`);
  const perRowLogLikelihood: Target['perRowLogLikelihood'] = (params, batch, key, rule) =>
    likelihood.logDensity(forward(params, batch['x']!, key, rule, true), batch['y']!, params);
  return {
    parameters,
    rows,
    prior: priors,
    forward: (params, x, key, rule) => forward(params, x, key, rule, false),
    perRowLogLikelihood,
    logLikelihood(params, batch, key, rule) {
      const perRow = perRowLogLikelihood(params, batch, key, rule);
      return mul(sum(perRow), rows / perRow.shape.at(-1)!);
    },
    logPrior: (params) => bayesian.reduce<Scalar>((total, { name }) => add(total, priors[name]!.logDensity(params[name]!)), scalar(0)),
  };
}
