/** @file A step size that finds a wanted acceptance rate. */
import { add, div, exp, log, mul, neg, scalar, sqrt, sub, type Tensor } from '@tensorflow/tfjs-core';

/** Scalars: log of the step size now, log of its weighted mean, running mean H of wanted minus found acceptance, steps done. */
export interface StepSearch {
  readonly [part: string]: Tensor;
  readonly logStep: Tensor;
  readonly logMean: Tensor;
  readonly error: Tensor;
  readonly count: Tensor;
}

const [gamma, t0, kappa] = [0.05, 10, 0.75];

export const startSearch = (stepSize: number): StepSearch => ({
  logStep: scalar(Math.log(stepSize)),
  logMean: scalar(Math.log(stepSize)),
  error: scalar(0),
  count: scalar(0),
});

/**
 * H ← (1 − 1/(m + t₀)) H + (δ − α)/(m + t₀), log ε ← μ − √m/γ H, log ε̄ ← m^−κ log ε + (1 − m^−κ) log ε̄, μ = log 10 ε₁.
 * @see Hoffman & Gelman (2014), The No-U-Turn Sampler, algorithm 5
 */
export function searchOn({ logMean, error, count }: StepSearch, start: number, wanted: number, found: Tensor): StepSearch {
  const m = add(count, 1);
  const weight = div(1, add(m, t0));
  const H = add(mul(error, sub(1, weight)), mul(sub(wanted, found), weight));
  const logStep = sub(Math.log(10 * start), mul(H, mul(sqrt(m), 1 / gamma)));
  const share = exp(mul(neg(log(m)), kappa));
  return { logStep, logMean: add(logMean, mul(share, sub(logStep, logMean))), error: H, count: m };
}
