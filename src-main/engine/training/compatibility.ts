/** @file Which priors and likelihoods suit the data and the method; each refusal names what to choose instead. */
import type { InferenceMethod } from '../inference/method';
import type { LikelihoodKind, Task } from '../probability/likelihood';
import { likelihoods } from '../probability/likelihoods';
import type { PriorKind } from '../probability/prior';

/** Whether it follows the posterior or the best approximation of its family, rather than looking for good weights. */
const infersPosterior = ({ converges }: InferenceMethod): boolean => converges === 'posterior' || converges === 'mean-field';

/** Whether it weighs the likelihood against a prior in a bound on the evidence, exact or not. */
const hasBound = ({ metrics }: InferenceMethod): boolean => metrics.some(({ id }) => id === 'kl' || id === 'importanceBound');

export function refusesData(kind: LikelihoodKind, task: Task): string | undefined {
  if (kind.task === task.kind) return kind.problem?.(task);
  const suitable = Object.values<LikelihoodKind>(likelihoods).filter((other) => other.task === task.kind && !other.problem?.(task));
  const titles = suitable.map(({ title }) => title).join(' or ');
  return `${kind.title} is a likelihood for ${kind.task}; this dataset is for ${task.kind}. Choose ${titles}.`;
}

export const refusesLikelihood = (method: InferenceMethod, { title, trainingOnly }: LikelihoodKind): string | undefined =>
  trainingOnly && (infersPosterior(method) || hasBound(method))
    ? `${title} is an objective of training and no likelihood, so ${method.title} has no posterior to approximate. Choose ${trainingOnly}.`
    : undefined;

export const refusesPrior = (method: InferenceMethod, { title, withoutMode }: PriorKind): string | undefined =>
  withoutMode && !infersPosterior(method)
    ? `${method.title} cannot use the ${title.toLowerCase()} prior, whose density is infinite where weights vanish: it needs a method that follows the whole posterior. Choose ${withoutMode}, or Bayes by Backprop.`
    : undefined;
