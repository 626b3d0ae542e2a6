/** @file Sums over draws, kept per row: what a predictive needs of each draw before the next one comes. */
import type { ClassPredictive, RegressionPredictive } from './posterior';

/** Mean probabilities, mean entropy and votes. */
export class ClassAccumulator {
  readonly #probabilities: Float64Array;
  readonly #entropies: Float64Array;
  readonly #votes: Uint16Array;

  constructor(
    readonly rows: number,
    readonly classes: number,
  ) {
    this.#probabilities = new Float64Array(rows * classes);
    this.#entropies = new Float64Array(rows);
    this.#votes = new Uint16Array(rows * classes);
  }

  /** One draw's probabilities [≥ rows × classes] of `rows` rows from `firstRow` on. */
  add(firstRow: number, rows: number, probabilities: Float32Array): void {
    const { classes } = this;
    for (let i = 0; i < rows; i++) {
      const to = (firstRow + i) * classes;
      let best = 0;
      let entropy = 0;
      for (let c = 0; c < classes; c++) {
        const p = probabilities[i * classes + c]!;
        this.#probabilities[to + c]! += p;
        if (p > 0) entropy -= p * Math.log(p); // lim p log p = 0
        if (p > probabilities[i * classes + best]!) best = c;
      }
      this.#entropies[firstRow + i]! += entropy;
      this.#votes[to + best]!++;
    }
  }

  /** H[mean p] = mean H[p] + mutual information, in nats. */
  result(draws: number): Pick<ClassPredictive, 'probabilities' | 'votes' | 'total' | 'aleatoric' | 'epistemic'> {
    const { rows, classes } = this;
    const probabilities = this.#probabilities.map((p) => p / draws);
    const aleatoric = this.#entropies.map((h) => h / draws);
    const total = new Float64Array(rows);
    for (let i = 0; i < rows; i++) {
      for (let c = i * classes; c < (i + 1) * classes; c++) if (probabilities[c]! > 0) total[i]! -= probabilities[c]! * Math.log(probabilities[c]!);
    }
    // Concave entropy makes the difference non-negative up to rounding.
    const epistemic = total.map((h, i) => Math.max(0, h - aleatoric[i]!));
    return { probabilities, votes: this.#votes, total, aleatoric, epistemic };
  }
}

/** Every draw's mean and sd, from which the moments of their mixture follow. */
export class RegressionAccumulator {
  readonly #means: Float32Array;
  readonly #sds: Float32Array;

  constructor(
    readonly rows: number,
    readonly draws: number,
  ) {
    this.#means = new Float32Array(draws * rows);
    this.#sds = new Float32Array(draws * rows);
  }

  add(firstRow: number, rows: number, draw: number, means: Float32Array, sds: Float32Array): void {
    this.#means.set(means.subarray(0, rows), draw * this.rows + firstRow);
    this.#sds.set(sds.subarray(0, rows), draw * this.rows + firstRow);
  }

  /** aleatoric² = E σ², epistemic² = Var μ, total² = their sum. */
  result(): Pick<RegressionPredictive, 'mean' | 'total' | 'aleatoric' | 'epistemic' | 'drawMeans' | 'drawSds'> {
    const { rows, draws } = this;
    const column = () => new Float64Array(rows);
    const [mean, total, aleatoric, epistemic] = [column(), column(), column(), column()];
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      let noise = 0;
      for (let s = 0; s < draws; s++) {
        sum += this.#means[s * rows + i]!;
        noise += this.#sds[s * rows + i]! ** 2;
      }
      mean[i] = sum / draws;
      let spread = 0;
      for (let s = 0; s < draws; s++) spread += (this.#means[s * rows + i]! - mean[i]!) ** 2;
      aleatoric[i] = Math.sqrt(noise / draws);
      epistemic[i] = Math.sqrt(spread / draws);
      total[i] = Math.hypot(aleatoric[i]!, epistemic[i]!);
    }
    return { mean, total, aleatoric, epistemic, drawMeans: this.#means, drawSds: this.#sds };
  }
}
