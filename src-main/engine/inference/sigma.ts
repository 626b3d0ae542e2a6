/** @file The deviation σ of a weight as a function of the free parameter ρ that is trained. */
import { add, exp, mul, sigmoid, softplus, type Tensor } from '@tensorflow/tfjs-core';

export interface SigmaForm {
  deviation(rho: Tensor): Tensor;
  /** ∂σ/∂ρ. */
  slope(rho: Tensor, sd: Tensor): Tensor;
  /** The deviation of a ρ, and the inverse, in plain numbers. */
  sd(rho: number): number;
  rho(sd: number): number;
}

/** Keeps σ off zero, where its logarithm ends. */
const least = 1e-6;

export const sigmaForms = {
  /** σ = log(1 + e^ρ) + 10⁻⁶ (Blundell et al. 2015, sec. 3.2) */
  softplus: {
    deviation: (rho) => add(softplus(rho), least),
    slope: (rho) => sigmoid(rho),
    sd: (rho) => Math.max(rho, 0) + Math.log1p(Math.exp(-Math.abs(rho))) + least,
    rho: (sd) => Math.log(Math.expm1(Math.max(sd, least))),
  },
  /** σ = e^{ρ/2}: ρ is the logarithm of the variance */
  'log-variance': {
    deviation: (rho) => exp(mul(rho, 0.5)),
    slope: (_rho, sd) => mul(sd, 0.5),
    sd: (rho) => Math.exp(rho / 2),
    rho: (sd) => 2 * Math.log(Math.max(sd, least)),
  },
} satisfies { readonly [form: string]: SigmaForm };
