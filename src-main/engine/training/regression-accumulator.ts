/** @file Means and standard deviations of every draw of a regression, and what follows from the first of them. */
import { groupSizes, groupsOf, jackknifeError } from '../metrics/jackknife';
import { mixtureMoments } from '../metrics/regression';
import type { MeanUncertainty, RegressionPredictive } from './posterior';

export class RegressionAccumulator {
  readonly #means: Float32Array; // [draws × rows]
  readonly #sds: Float32Array;

  constructor(
    readonly rows: number,
    readonly draws: number,
    /** See `RegressionPredictive`. */
    readonly degrees?: number,
  ) {
    this.#means = new Float32Array(draws * rows);
    this.#sds = new Float32Array(draws * rows);
  }

  /** Everything that it remembers. */
  get arrays(): readonly Float32Array[] {
    return [this.#means, this.#sds];
  }

  /** One draw's `rows` rows from `firstRow` on; [≥ rows]. */
  add(draw: number, firstRow: number, rows: number, { mean, sd }: { readonly mean: Float32Array; readonly sd: Float32Array }): void {
    this.#means.set(mean.subarray(0, rows), draw * this.rows + firstRow);
    this.#sds.set(sd.subarray(0, rows), draw * this.rows + firstRow);
  }

  /** After the first `done` draws. */
  result(done = this.draws): RegressionPredictive {
    const { rows } = this;
    const [drawMeans, drawSds] = [this.#means.subarray(0, done * rows), this.#sds.subarray(0, done * rows)];
    const moments = mixtureMoments(drawMeans, drawSds, rows);
    const standardError = this.#standardError(done, moments);
    const noise = this.degrees === undefined ? {} : { degrees: this.degrees };
    return { rows, draws: done, drawMeans, drawSds, ...noise, ...moments, ...(standardError && { standardError }) };
  }

  #standardError(done: number, all: Pick<RegressionPredictive, 'total' | 'aleatoric' | 'epistemic'>): MeanUncertainty | undefined {
    const groups = groupsOf(this.draws);
    const sizes = groupSizes(groups, done).filter((size) => size > 0);
    if (sizes.length < 2) return undefined;
    const without = sizes.map((_size, j) => {
      const others = Array.from({ length: done }, (_, s) => s).filter((s) => s % groups !== j);
      const pick = (values: Float32Array) =>
        Float32Array.from({ length: others.length * this.rows }, (_, i) => values[others[Math.floor(i / this.rows)]! * this.rows + (i % this.rows)]!);
      return mixtureMoments(pick(this.#means), pick(this.#sds), this.rows);
    });
    const of = (part: keyof MeanUncertainty) =>
      jackknifeError(
        mean(all[part]),
        without.map((value) => mean(value[part])),
        sizes,
      );
    return { total: of('total'), aleatoric: of('aleatoric'), epistemic: of('epistemic') };
  }
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
