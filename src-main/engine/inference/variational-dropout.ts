/** @file Variational Gaussian dropout: a noise level for each weight, in proportion to its size, under a log-uniform prior. */
import { add, greater, log, mul, neg, scalar, sigmoid, square, sub, sum, cast, softplus, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { byWeights } from './bayes-by-backprop';
import { boundMetrics, evidenceBound, type Objective } from './evidence-bound';
import { byParameter } from './kl-divergence';
import { byMoments } from './local-reparametrisation';
import { meanField, meanFieldProblems, meanFieldSwitches } from './mean-field';
import { drawsSetting, meanFieldSettings } from './mean-field-settings';
import { defineMethod, type Target } from './method';

/** log α = log σ²/θ²; the 10⁻⁸ keeps a weight at 0 from having an infinite one. */
const logAlpha = (mean: Tensor, sd: Tensor): Tensor => sub(mul(log(sd), 2), log(add(square(mean), 1e-8)));

/**
 * KL(N(θ, α θ²) ‖ log-uniform) up to a constant: −k₁ s(k₂ + k₃ log α) + ½ log(1 + 1/α) + k₁, s the logistic function.
 * @see Molchanov, Ashukha & Vetrov (2017), Variational Dropout Sparsifies Deep Neural Networks, eq. 14
 */
export function logUniformKl(mean: Tensor, sd: Tensor): Scalar {
  const ratio = logAlpha(mean, sd);
  const [k1, k2, k3] = [0.63576, 1.8732, 1.48695];
  return sum(add(sub(mul(softplus(neg(ratio)), 0.5), mul(sigmoid(add(mul(ratio, k3), k2)), k1)), k1));
}

const isAffineOnce = (target: Target): boolean => target.parameters.every(({ bayesian, affine }) => !bayesian || affine === 'once');

/** The evidence bound without its name, and the share of weights whose noise drowns them. */
const withSparsity =
  (objective: Objective): Objective =>
  (target, q, draws, batch, klWeight) => {
    const { mean, sd, info } = objective(target, q, draws, batch, klWeight);
    const drowned = Object.entries(q.sd).map(([name, sigma]) => sum(cast(greater(logAlpha(q.mean[name]!, sigma), 3), 'float32')));
    const size = Object.values(q.sd).reduce((total, sigma) => total + sigma.size, 0);
    const sparsity = mul(
      drowned.reduce<Scalar>((total, count) => add(total, count), scalar(0)),
      1 / size,
    );
    return { mean, sd, info: { nll: info['nll']!, kl: info['kl']!, sparsity, objective: info['objective']! } };
  };

/** Mean-field inference with the log-uniform prior |w|⁻¹, in which most weights may be drowned in noise. */
export const variationalDropout = defineMethod({
  id: 'variational-dropout',
  title: 'Variational Gaussian dropout',
  reference: 'Molchanov, Ashukha & Vetrov (2017), Variational Dropout Sparsifies Deep Neural Networks, eq. 14; Kingma, Salimans & Welling (2015), sec. 3',
  help: 'Multiplies each weight by Gaussian noise whose level α it learns: weights that do not matter get so much that they could be dropped (log α > 3). Its prior is log-uniform and improper, so that the prior chosen for the run plays no part, and its KL, known up to a constant, is not comparable with the evidence. Dense layers draw activations, others weights.',
  settings: z.strictObject({ draws: drawsSetting(1), ...meanFieldSettings }),
  converges: 'heuristic',
  randomDraws: true,
  ownPrior: true,
  switches: meanFieldSwitches.filter((name) => name !== 'sample'),
  metrics: [
    ...boundMetrics.filter(({ id }) => id === 'nll'),
    { id: 'kl', title: 'KL divergence up to a constant (not comparable with evidence)', unit: 'nats' },
    { id: 'sparsity', title: 'Weights that could be dropped (log α > 3)', unit: 'share' },
    ...boundMetrics.filter(({ id }) => id === 'objective'),
  ],
  problems: (target, settings) => [
    ...meanFieldProblems('Variational Gaussian dropout', { ...target, prior: {} }, { ...settings, kl: 'monte-carlo' }),
    ...(settings.moped === 'prior' ? ['Variational Gaussian dropout has no prior that could have its means at trained weights; set MOPED to posterior.'] : []),
  ],
  build(target, settings) {
    const local = isAffineOnce(target);
    const bound = evidenceBound({
      estimate: local ? byMoments(settings.draws) : byWeights,
      divergence: byParameter((_target, _name, mean, sd) => logUniformKl(mean, sd)),
      temperature: settings.temperature,
    });
    return meanField(target, settings, { objective: withSparsity(bound), draws: local ? 1 : settings.draws });
  },
});
