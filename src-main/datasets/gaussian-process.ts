/** @file Gaussian-process regression in one dimension with a squared-exponential kernel of unit variance and length: sampling and the exact posterior. */
import type { ExactPredictive } from './dataset';
import type { Generator } from './generator';

/** k(x, x′) = exp(−(x − x′)²/2). */
const kernel = (x: number, other: number) => Math.exp(-((x - other) ** 2) / 2);

/** Added to the diagonal so that Cholesky succeeds in float64; a standard deviation of 10⁻⁴, far below the noise. */
const jitter = 1e-8;

/** Lower triangle L with L Lᵀ = K + diag(variance + jitter). Row-major [n × n]. */
function choleskyOfKernel(x: readonly number[], variance: (x: number) => number): Float64Array {
  const n = x.length;
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = kernel(x[i]!, x[j]!) + (i === j ? variance(x[i]!) + jitter : 0);
      for (let k = 0; k < j; k++) sum -= lower[i * n + k]! * lower[j * n + k]!;
      lower[i * n + j] = i === j ? Math.sqrt(sum) : sum / lower[j * n + j]!;
    }
  }
  return lower;
}

/** v with L v = b. */
function solveLower(lower: Float64Array, b: readonly number[]): number[] {
  const n = b.length;
  const v: number[] = [];
  for (let i = 0; i < n; i++) {
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= lower[i * n + k]! * v[k]!;
    v.push(sum / lower[i * n + i]!);
  }
  return v;
}

/** y = f(x) + noiseSd(x) ε with f ~ GP(0, k), ε ~ N(0, 1). */
export function sampleGaussianProcess(x: readonly number[], noiseSd: (x: number) => number, generator: Generator): number[] {
  const n = x.length;
  const lower = choleskyOfKernel(x, () => 0);
  const white = x.map(() => generator.normal());
  return x.map((at, i) => {
    let f = 0;
    for (let k = 0; k <= i; k++) f += lower[i * n + k]! * white[k]!;
    return f + noiseSd(at) * generator.normal();
  });
}

/**
 * Exact predictive of y at new x: mean k*ᵀ(K+Σ)⁻¹y, epistemic variance k** − k*ᵀ(K+Σ)⁻¹k*, total = epistemic + noise.
 *
 * @see Rasmussen & Williams (2006), Gaussian Processes for Machine Learning, eq. 2.23–2.24 and algorithm 2.1.
 */
export function gaussianProcessPosterior(x: readonly number[], y: readonly number[], noiseSd: (x: number) => number): ExactPredictive {
  const lower = choleskyOfKernel(x, (at) => noiseSd(at) ** 2);
  const whiteY = solveLower(lower, y);
  return (at) => {
    const points = at.map((point) => {
      const v = solveLower(
        lower,
        x.map((other) => kernel(point, other)),
      );
      const mean = v.reduce((sum, value, i) => sum + value * whiteY[i]!, 0);
      const epistemic = Math.max(
        0,
        v.reduce((rest, value) => rest - value * value, 1),
      ); // rounding may reach below 0
      return { mean, epistemic: Math.sqrt(epistemic), total: Math.sqrt(epistemic + noiseSd(point) ** 2) };
    });
    return { mean: points.map((p) => p.mean), total: points.map((p) => p.total), epistemic: points.map((p) => p.epistemic) };
  };
}
