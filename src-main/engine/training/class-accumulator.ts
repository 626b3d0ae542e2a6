/** @file Sums over draws of class probabilities: what remains of a draw when the next one comes. */
import { decomposeEntropy, entropy } from '../metrics/entropy';
import type { ClassPredictive } from './posterior';

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

  /** One draw's probabilities of `rows` rows from `firstRow` on; [≥ rows × classes]. */
  add(firstRow: number, rows: number, probabilities: Float32Array): void {
    const { classes } = this;
    for (let i = 0; i < rows; i++) {
      const to = (firstRow + i) * classes;
      let best = 0;
      for (let c = 0; c < classes; c++) {
        const p = probabilities[i * classes + c]!;
        this.#probabilities[to + c]! += p;
        if (p > probabilities[i * classes + best]!) best = c;
      }
      this.#entropies[firstRow + i]! += entropy(probabilities, i * classes, classes);
      this.#votes[to + best]!++;
    }
  }

  result(draws: number): Pick<ClassPredictive, 'probabilities' | 'votes' | 'total' | 'aleatoric' | 'epistemic'> {
    const probabilities = this.#probabilities.map((sum) => sum / draws);
    const entropies = this.#entropies.map((sum) => sum / draws);
    return { probabilities, votes: this.#votes, ...decomposeEntropy(probabilities, this.classes, entropies) };
  }
}
