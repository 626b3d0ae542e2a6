/** @file Sums over draws of class probabilities: what remains of a draw when the next one comes. */
import { decomposeEntropy, entropy } from '../metrics/entropy';
import { groupSizes, groupsOf, jackknifeError } from '../metrics/jackknife';
import type { ClassPredictive, MeanUncertainty } from './posterior';

/** Sums of one group of draws. */
interface Group {
  readonly probabilities: Float64Array; // [rows × classes]
  readonly entropies: Float64Array; // [rows]
}

export class ClassAccumulator {
  readonly #groups: readonly Group[];
  readonly #votes: Uint16Array;

  constructor(
    readonly rows: number,
    readonly classes: number,
    readonly draws: number,
  ) {
    this.#groups = Array.from({ length: groupsOf(draws) }, () => ({ probabilities: new Float64Array(rows * classes), entropies: new Float64Array(rows) }));
    this.#votes = new Uint16Array(rows * classes);
  }

  /** Everything that it remembers. */
  get arrays(): readonly (Float64Array | Uint16Array)[] {
    return [...this.#groups.flatMap(({ probabilities, entropies }) => [probabilities, entropies]), this.#votes];
  }

  /** One draw's probabilities of `rows` rows from `firstRow` on; [≥ rows × classes]. */
  add(draw: number, firstRow: number, rows: number, probabilities: Float32Array): void {
    const { classes } = this;
    const group = this.#groups[draw % this.#groups.length]!;
    for (let i = 0; i < rows; i++) {
      const to = (firstRow + i) * classes;
      let best = 0;
      for (let c = 0; c < classes; c++) {
        const p = probabilities[i * classes + c]!;
        group.probabilities[to + c]! += p;
        if (p > probabilities[i * classes + best]!) best = c;
      }
      group.entropies[firstRow + i]! += entropy(probabilities, i * classes, classes);
      this.#votes[to + best]!++;
    }
  }

  /** After the first `done` draws. */
  result(done = this.draws): ClassPredictive {
    const { rows, classes } = this;
    const [probabilities, entropies] = [this.#sum('probabilities'), this.#sum('entropies')];
    const measures = {
      ...decomposeEntropy(
        probabilities.map((sum) => sum / done),
        classes,
        entropies.map((sum) => sum / done),
      ),
    };
    const standardError = this.#standardError(done, { probabilities, entropies }, measures);
    return {
      rows,
      classes,
      draws: done,
      probabilities: probabilities.map((sum) => sum / done),
      votes: this.#votes,
      ...measures,
      ...(standardError && { standardError }),
    };
  }

  /** Of the means over the rows. */
  #standardError(done: number, sums: Group, all: Pick<ClassPredictive, 'total' | 'aleatoric' | 'epistemic'>): MeanUncertainty | undefined {
    const sizes = groupSizes(this.#groups.length, done).filter((size) => size > 0);
    if (sizes.length < 2) return undefined;
    const without = sizes.map((size, j) => {
      const group = this.#groups[j]!;
      let [total, aleatoric] = [0, 0];
      const left = 1 / (done - size);
      for (let row = 0; row < this.rows; row++) {
        for (let at = row * this.classes; at < (row + 1) * this.classes; at++) {
          const p = (sums.probabilities[at]! - group.probabilities[at]!) * left;
          if (p > 0) total -= p * Math.log(p);
        }
        aleatoric += (sums.entropies[row]! - group.entropies[row]!) * left;
      }
      return { total: total / this.rows, aleatoric: aleatoric / this.rows, epistemic: (total - aleatoric) / this.rows };
    });
    const of = (part: keyof MeanUncertainty) =>
      jackknifeError(
        mean(all[part]),
        without.map((value) => value[part]),
        sizes,
      );
    return { total: of('total'), aleatoric: of('aleatoric'), epistemic: of('epistemic') };
  }

  #sum(part: keyof Group): Float64Array {
    const sum = this.#groups[0]![part].slice();
    for (const group of this.#groups.slice(1)) for (let i = 0; i < sum.length; i++) sum[i]! += group[part][i]!;
    return sum;
  }
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
