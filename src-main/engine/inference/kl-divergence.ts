/** @file KL(q ‖ p) of a factorised posterior, with the expected log prior from draws or in closed form. */
import { add, div, log, neg, scalar, sum, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { valuesAndGrad } from '../numerics/autodiff';
import { mapParams, type Params } from '../numerics/tree';
import type { Target } from './method';
import { gaussianNoise, type Moments, type Noise } from './weight-draw';

export interface Divergence {
  /** Whether E log p(w) and its gradient come from the weight draws. */
  readonly fromDraws: boolean;
  /** KL(q ‖ p) in nats, and those parts of the gradient of `weight` times it that the draws have not given. */
  of(target: Target, q: Moments, expectedLogPrior: Tensor, weight: Scalar): Moments & { readonly kl: Tensor };
}

/** Σ over all entries of all parameters. */
const total = (params: Params): Scalar => Object.values(params).reduce<Scalar>((sofar, tensor) => add(sofar, sum(tensor)), scalar(0));

/** H[q] = Σ log σ + that of the noise, in nats. */
export const entropyOf = (sd: Params, { entropy }: Noise): Scalar =>
  add(
    total(mapParams((_name, sigma) => log(sigma), sd)),
    Object.values(sd).reduce((sofar, { size }) => sofar + entropy(size), 0),
  );

/**
 * −H[q] − E log p(w), for every prior. The draws have given the last term; the entropy is exact: along a reparametrised draw
 * log q(w) = −Σ log σ − ½ Σ ε² + c, so its gradient is that of −Σ log σ, and the ε² would add noise to the value alone.
 */
export const monteCarlo = (noise: Noise): Divergence => ({
  fromDraws: true,
  of: (_target, { sd }, expectedLogPrior, weight) => ({
    kl: neg(add(entropyOf(sd, noise), expectedLogPrior)),
    mean: {},
    sd: mapParams((_name, sigma) => div(neg(weight), sigma), sd),
  }),
});

/** A divergence that is a sum over parameters, each a function of its own mean and σ. */
export const byParameter = (kl: (target: Target, name: string, mean: Tensor, sd: Tensor) => Scalar): Divergence => ({
  fromDraws: false,
  of(target, { mean, sd }, _expectedLogPrior, weight) {
    const terms = mapParams(
      (name, sigma) => valuesAndGrad((q) => ({ kl: kl(target, name, q['mean']!, q['sd']!) }), { kl: weight }, { mean: mean[name]!, sd: sigma }),
      sd,
    );
    const pick = (part: (term: (typeof terms)[string]) => Tensor): Params =>
      Object.fromEntries(Object.entries(terms).map(([name, term]) => [name, part(term)]));
    return { kl: total(pick((term) => term.values.kl)), mean: pick((term) => term.grads['mean']!), sd: pick((term) => term.grads['sd']!) };
  },
});

/** Exact, for Gaussian q and priors with `klFromGaussian`. */
export const closedForm = byParameter((target, name, mean, sd) => target.prior[name]!.klFromGaussian!(mean, sd));

/** The form that a setting names. */
export const divergenceOf = (kl: 'monte-carlo' | 'closed-form', noise: Noise = gaussianNoise): Divergence =>
  kl === 'monte-carlo' ? monteCarlo(noise) : closedForm;
