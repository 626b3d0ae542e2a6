/** @file The horseshoe family: a scale for each weight under one for the tensor, all half-Cauchy, non-centred. */
import { add, exp, mul, rsqrt, softplus, square, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import { gaussian } from './priors/gaussian';
import type { Prior } from './prior';

/** Of u = log t, t ~ half-Cauchy(scale): log p(u) = log(2/(π scale)) + u − log(1 + e^{2u}/scale²). */
function logHalfCauchy(scale: number): Prior {
  const constant = Math.log(2 / (Math.PI * scale));
  return {
    logDensity: (u) => add(sum(sub(u, softplus(sub(mul(u, 2), 2 * Math.log(scale))))), u.size * constant),
    density: (u) => constant + u - Math.log1p(Math.exp(2 * u) / scale ** 2),
  };
}

/**
 * w = z τ λ / √(1 + τ²λ²/c²) with z ~ N(0, 1), λ ~ half-Cauchy(1) for each weight, τ ~ half-Cauchy(global) for the tensor; c = ∞ is the horseshoe itself.
 * The drawn density is that of one weight with all scales integrated out: log(τλ/global) has the density 2u/(π² sinh u).
 *
 * @see Carvalho, Polson & Scott (2010), The horseshoe estimator for sparse signals; Piironen & Vehtari (2017), Sparsity information and regularization in the horseshoe, eq. 2.8
 */
export function horseshoeFamily({ global, slab = Infinity }: { readonly global: number; readonly slab?: number }): Prior {
  const standard = gaussian.build({ sd: 1 });
  return {
    logDensity: (z) => standard.logDensity(z),
    klFromGaussian: (mean, sd) => standard.klFromGaussian!(mean, sd),
    density(w) {
      const step = 0.05;
      let total = 0;
      for (let u = -40 + step / 2; u < 40; u += step) {
        const scale = global * Math.exp(u);
        const sd = scale / Math.sqrt(1 + (scale / slab) ** 2);
        total += (step * 2 * u * Math.exp(-0.5 * (w / sd) ** 2)) / (Math.PI ** 2 * Math.sinh(u) * sd * Math.sqrt(2 * Math.PI));
      }
      return Math.log(total);
    },
    hierarchy: {
      scales: {
        logLocal: { of: 'entry', prior: logHalfCauchy(1), start: 0 },
        logGlobal: { of: 'tensor', prior: logHalfCauchy(global), start: 0 },
      },
      weights(standardised, { logLocal, logGlobal }) {
        const scale: Tensor = exp(add(logLocal!, logGlobal!));
        const weights = mul(standardised, scale);
        return slab === Infinity ? weights : mul(weights, rsqrt(add(mul(square(scale), slab ** -2), 1)));
      },
    },
  };
}
