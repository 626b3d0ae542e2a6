/** @file Gradients by the input, averaged over draws, one draw after the other. */
import type { AttackedLoss } from './posterior';

/**
 * From each draw's log p(y | x, w_s) and its gradient by x to the gradient of the loss of all draws:
 * −log mean_s p_s has −Σ p_s ∇log p_s / Σ p_s, the mean of −log p_s has −(1/S) Σ ∇log p_s.
 */
export class GradientAccumulator {
  readonly #sum: Float64Array; // Σ weight_s ∇log p_s, relative to exp(#top)
  readonly #weight: Float64Array; // Σ weight_s, relative to exp(#top)
  readonly #top: Float64Array; // the largest log p_s so far: none may underflow

  constructor(
    readonly rows: number,
    readonly width: number,
    readonly loss: AttackedLoss,
  ) {
    this.#sum = new Float64Array(rows * width);
    this.#weight = new Float64Array(rows);
    this.#top = new Float64Array(rows).fill(-Infinity);
  }

  /** Everything that it remembers. */
  get arrays(): readonly Float64Array[] {
    return [this.#sum, this.#weight, this.#top];
  }

  /** One draw's `rows` rows from `firstRow` on: logDensity [≥ rows], gradient [≥ rows × width]. */
  add(firstRow: number, rows: number, logDensity: Float32Array, gradient: Float32Array): void {
    const { width } = this;
    for (let i = 0; i < rows; i++) {
      const row = firstRow + i;
      const level = this.loss === 'mean-predictive' ? logDensity[i]! : 0;
      const top = Math.max(this.#top[row]!, level);
      const [keep, weight] = [Math.exp(this.#top[row]! - top), Math.exp(level - top)];
      this.#top[row] = top;
      this.#weight[row] = keep * this.#weight[row]! + weight;
      for (let k = 0; k < width; k++) this.#sum[row * width + k] = keep * this.#sum[row * width + k]! + weight * gradient[i * width + k]!;
    }
  }

  /** [rows × width] */
  result(): Float32Array {
    return Float32Array.from(this.#sum, (sum, i) => -sum / this.#weight[Math.floor(i / this.width)]!);
  }
}
