/** @file The unnormalised posterior of one data set: the only place where a minibatch is scaled up to the whole of it. */
import { add, mul, scalar, sum, unstack, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { invariant } from '../../contract/errors';
import type { AffineRule } from '../numerics/affine';
import type { ParameterSpec } from '../numerics/parameter';
import { inPart } from '../numerics/part';
import type { Key } from '../numerics/random';
import type { Batch } from '../numerics/step';
import type { Params } from '../numerics/tree';
import { expandHierarchies } from './hierarchy';
import type { Likelihood, OutputCurvature } from './likelihood';
import type { Prior } from './prior';

/**
 * All a method may know about the model and the data. Everything in nats per data set. A rule replaces the weights in the network's affine maps.
 * Random layers draw noise for each row in the log-likelihoods, which are for training, and for each draw in `forward`, which predicts.
 */
export interface Target {
  /** The network's, the scales of hierarchical priors, and the likelihood's own. */
  readonly parameters: readonly ParameterSpec[];
  readonly task: Likelihood['task'];
  /** Rows N of the training part. */
  readonly rows: number;
  /** Whether the run starts from another run's trained weights. */
  readonly pretrained?: boolean;
  /** Prior of each Bayesian parameter, by name. Point parameters have none (flat). */
  readonly prior: { readonly [parameter: string]: Prior };
  /** log p(yᵢ | xᵢ, w) of each row of the batch, [rows]. */
  perRowLogLikelihood(params: Params, batch: Batch, key: Key, rule?: AffineRule): Tensor;
  /** (N/n) Σ_batch log p(yᵢ | xᵢ, w), n the rows of this very batch; summed over members, if the parameters have a member axis. */
  logLikelihood(params: Params, batch: Batch, key: Key, rule?: AffineRule): Scalar;
  /** `logLikelihood` together with what the likelihood predicts of the same outputs. */
  fit(params: Params, batch: Batch, key: Key, rule?: AffineRule): { readonly logLikelihood: Scalar; readonly prediction: ReturnType<Likelihood['predict']> };
  /** Σ log p(w) over the Bayesian parameters, summed over members too. */
  logPrior(params: Params): Scalar;
  /** What layers measure over many rows at once, if any do: each draw carries it beside its parameters, and `forward` needs it. */
  readonly statistics?: Statistics;
  /** Network output before the likelihood, [rows, outputs]. */
  forward(params: Params, x: Tensor, key: Key, rule?: AffineRule): Tensor;
  /** How the likelihood curves in the network's output, where that is known in closed form. */
  readonly outputCurvature?: OutputCurvature;
}

export interface Statistics {
  readonly leaves: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** Of these rows under these parameters, by name. Shapes: x [rows, …input]. */
  measure(params: Params, x: Tensor, key: Key): Params;
}

/** What a target is made of. */
export interface TargetParts {
  /** The network's; the likelihood's own are added. */
  readonly parameters: readonly ParameterSpec[];
  /** `Target.forward` when it predicts; with noise for each row when training. Ignores the key unless layers are random. */
  forward(params: Params, x: Tensor, key: Key, rule: AffineRule | undefined, training: boolean): Tensor;
  readonly statistics?: Statistics;
  readonly likelihood: Likelihood;
  readonly priors: Target['prior'];
  /** Rows N of the training part. */
  readonly rows: number;
  /** Whether the run starts from another run's trained weights; not if left out. */
  readonly pretrained?: boolean;
}

/** log p(w | D) up to a constant, in the parts that inference methods ask for. */
export function makeTarget({ parameters: network, forward, statistics, likelihood, priors, rows, pretrained = false }: TargetParts): Target {
  const expanded = expandHierarchies(network, priors);
  const parameters = [...expanded.parameters, ...likelihood.parameters];
  const bayesian = parameters.filter((parameter) => parameter.bayesian);
  for (const { name } of bayesian) invariant(expanded.priors[name], `parameter ${name} has no prior`);
  const outputsOf = (params: Params, batch: Batch, key: Key, rule?: AffineRule) => forward(expanded.weights(params), batch['x']!, key, rule, true);
  const densityOf = (outputs: Tensor, batch: Batch, params: Params) => inPart('the likelihood', () => likelihood.logDensity(outputs, batch['y']!, params));
  const scaled = (perRow: Tensor): Scalar => mul(sum(perRow), rows / perRow.shape.at(-1)!);
  const perRowLogLikelihood: Target['perRowLogLikelihood'] = (params, batch, key, rule) => densityOf(outputsOf(params, batch, key, rule), batch, params);
  /** A joint density of K members is that of each by itself. */
  const logDensity = ({ name, shape }: ParameterSpec, value: Tensor): Scalar => {
    const prior = expanded.priors[name]!;
    const parts = prior.joint && value.rank > shape.length ? unstack(value) : [value];
    return parts.map((part) => prior.logDensity(part)).reduce((total, part) => add<Scalar>(total, part));
  };
  return {
    parameters,
    task: likelihood.task,
    rows,
    pretrained,
    prior: expanded.priors,
    forward: (params, x, key, rule) => forward(expanded.weights(params), x, key, rule, false),
    ...(statistics && { statistics: { ...statistics, measure: (params, x, key) => statistics.measure(expanded.weights(params), x, key) } }),
    ...(likelihood.curvature && { outputCurvature: likelihood.curvature }),
    perRowLogLikelihood,
    logLikelihood: (params, batch, key, rule) => scaled(perRowLogLikelihood(params, batch, key, rule)),
    fit(params, batch, key, rule) {
      const outputs = outputsOf(params, batch, key, rule);
      return { logLikelihood: scaled(densityOf(outputs, batch, params)), prediction: likelihood.predict(outputs, params) };
    },
    logPrior: (params) => inPart('the prior', () => bayesian.reduce<Scalar>((total, spec) => add(total, logDensity(spec, params[spec.name]!)), scalar(0))),
  };
}
