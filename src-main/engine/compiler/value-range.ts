/** @file Which magnitudes of a value 8-bit integers should cover: observed while it is computed, decided afterwards. */

/** How the largest magnitude that is told from others is chosen; larger ones are clipped to it. */
export type RangeRule = { readonly by: 'max-abs' } | { readonly by: 'percentile'; readonly percentile: number } | { readonly by: 'mse' };

/** Largest integer: symmetric, so that 0 is 0 and −128 is not used. */
export const largestInteger = 127;

const bins = 2048;

/** A histogram of magnitudes whose range doubles when one does not fit. */
export class MagnitudeHistogram {
  readonly #counts = new Float64Array(bins);
  #limit = 0;
  #count = 0;
  #largest = 0;
  #signed = false;

  add(values: ArrayLike<number>): void {
    let largest = this.#largest;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (value < 0) this.#signed = true;
      largest = Math.max(largest, Math.abs(value));
    }
    this.#cover(largest);
    this.#count += values.length;
    if (largest === 0) return;
    const scale = bins / this.#limit;
    for (let i = 0; i < values.length; i++) this.#counts[Math.min(bins - 1, Math.floor(Math.abs(values[i]!) * scale))]!++;
  }

  /** Symmetric around 0, so that 0 is itself an integer; of values that are never negative, such as rectified ones, the upper half alone. */
  grid(rule: RangeRule): Grid {
    return this.#signed ? { step: stepOf(this.limit(rule)), zero: 128 } : { step: stepOf(this.limit(rule), 2 * largestInteger), zero: 0 };
  }

  /** The largest magnitude that is told from others; 0 if all values were 0. */
  limit(rule: RangeRule): number {
    if (rule.by === 'max-abs' || this.#largest === 0) return this.#largest;
    return rule.by === 'percentile' ? this.#percentile(rule.percentile) : this.#leastSquares();
  }

  #cover(largest: number): void {
    if (this.#limit === 0) this.#limit = largest;
    // What was counted when all values were 0 stays in the first bin.
    while (this.#limit < largest) {
      for (let i = 0; i < bins; i++) this.#counts[i] = i < bins / 2 ? this.#counts[2 * i]! + this.#counts[2 * i + 1]! : 0;
      this.#limit *= 2;
    }
    this.#largest = largest;
  }

  #percentile(percentile: number): number {
    const wanted = (percentile / 100) * this.#count;
    let sofar = 0;
    for (let i = 0; i < bins; i++) if ((sofar += this.#counts[i]!) >= wanted) return Math.min(this.#largest, ((i + 1) * this.#limit) / bins);
    return this.#largest;
  }

  /** Least mean of (rounded and clipped − value)²: within the range rounding costs step²/12, beyond it the distance squared. */
  #leastSquares(): number {
    let best = { limit: this.#largest, error: Infinity };
    for (let percent = 20; percent <= 100; percent++) {
      const limit = (percent / 100) * this.#largest;
      const rounding = (limit / (this.#signed ? largestInteger : 2 * largestInteger)) ** 2 / 12;
      const error = this.#counts.reduce((sum, count, i) => {
        const value = ((i + 0.5) * this.#limit) / bins;
        return sum + count * (value <= limit ? rounding : (value - limit) ** 2);
      }, 0);
      if (error < best.error) best = { limit, error };
    }
    return best.limit;
  }
}

/** Where the values lie that unsigned 8-bit integers stand for: value = step (integer − zero). */
export interface Grid {
  readonly step: number;
  readonly zero: 0 | 128;
}

/** What one step of the integers stands for; 1 where all values are 0. */
export const stepOf = (limit: number, integers = largestInteger): number => (limit > 0 ? Math.fround(limit / integers) : 1);

/** Round to even and clip, as ONNX's QuantizeLinear does. */
export function toIntegers(values: ArrayLike<number>, step: number, largest = largestInteger): Int32Array {
  return Int32Array.from({ length: values.length }, (_, i) => {
    const scaled = values[i]! / step;
    const down = Math.floor(scaled);
    const rounded = scaled - down === 0.5 ? down + (down % 2 === 0 ? 0 : 1) : Math.round(scaled);
    return Math.max(-largest, Math.min(largest, rounded));
  });
}
