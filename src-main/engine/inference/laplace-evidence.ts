/** @file The evidence that a Laplace approximation gives, as a function of the prior's precision; the mode is not sought anew. */
import type { Interruptible } from '../numerics/interruptible';

/** What the evidence depends on besides the curvature, at the mode. Nats. */
export interface ModeSummary {
  readonly logLikelihood: number;
  /** ½ wᵀ T w, T the precisions of the prior trained with. */
  readonly energy: number;
  readonly weights: number;
}

/**
 * log p(D) ≈ log p(D | w) + log p(w | s) + ½ P log 2π − ½ log det(H + s T) = log p(D | w) − s wᵀTw/2 + ½ P log s − ½ log det(T⁻¹H + s I).
 *
 * @see MacKay (1992), A practical Bayesian framework for backpropagation networks, eq. 3.5; Immer et al. (2021), Scalable marginal likelihood estimation, eq. 5.
 */
export const logEvidence = ({ logLikelihood, energy, weights }: ModeSummary, precision: number, logDeterminant: number): number =>
  logLikelihood - precision * energy + 0.5 * weights * Math.log(precision) - 0.5 * logDeterminant;

const [lowest, highest] = [-6, 8]; // powers of ten
const golden = (Math.sqrt(5) - 1) / 2;

/** The multiple of the prior's precision in 10⁻⁶ … 10⁸ with the highest evidence, to 1 %: the best of a coarse grid, then golden sections around it. */
export function* mostProbablePrecision(evidence: (precision: number) => number): Interruptible<number> {
  const at = (power: number) => evidence(10 ** power);
  let [best, highestFound] = [lowest, -Infinity];
  for (let power = lowest; power <= highest; power += 0.5) {
    const found = at(power);
    if (found > highestFound) [best, highestFound] = [power, found];
    yield;
  }
  let [low, high] = [Math.max(lowest, best - 0.5), Math.min(highest, best + 0.5)];
  let [left, right] = [high - golden * (high - low), low + golden * (high - low)];
  let [ofLeft, ofRight] = [at(left), at(right)];
  while (high - low > 0.004) {
    if (ofLeft > ofRight) {
      [high, right, ofRight, left] = [right, left, ofLeft, right - golden * (right - low)];
      ofLeft = at(left);
    } else {
      [low, left, ofLeft, right] = [left, right, ofRight, left + golden * (high - left)];
      ofRight = at(right);
    }
    yield;
  }
  return 10 ** ((low + high) / 2);
}
