/** @file The metrics of one run in growing typed arrays: appending never copies the trace, save when an array doubles. */
import type { MetricChunk } from '../../src-main/contract/run';

export class MetricColumns {
  #steps = new Float64Array(1024);
  readonly #values = new Map<string, Float64Array>();
  #rows = 0;

  get rows(): number {
    return this.#rows;
  }
  get names(): readonly string[] {
    return [...this.#values.keys()];
  }
  get lastStep(): number {
    return this.#rows === 0 ? -1 : this.#steps[this.#rows - 1]!;
  }

  /** A view [rows]; stays valid and unchanged while rows are appended. */
  get steps(): Float64Array {
    return this.#steps.subarray(0, this.#rows);
  }

  /** A view [rows], NaN where the metric was not measured; empty for an unknown metric. */
  column(name: string): Float64Array {
    return this.#values.get(name)?.subarray(0, this.#rows) ?? new Float64Array();
  }

  /** The last measured value, or undefined. */
  last(name: string): number | undefined {
    return this.column(name).findLast((value) => !Number.isNaN(value));
  }

  /** Appends rows. Rows at or after the chunk's first step are replaced: a resumed run repeats the steps after its checkpoint. */
  append({ names, steps, values }: MetricChunk): void {
    if (steps.length === 0) return;
    if (steps[0]! <= this.lastStep) this.#truncate(steps[0]!);
    this.#reserve(this.#rows + steps.length);
    this.#steps.set(steps, this.#rows);
    for (const name of names) if (!this.#values.has(name)) this.#values.set(name, new Float64Array(this.#steps.length).fill(NaN));
    names.forEach((name, column) => {
      const target = this.#values.get(name)!;
      for (let row = 0; row < steps.length; row++) target[this.#rows + row] = values[row * names.length + column]!;
    });
    this.#rows += steps.length;
  }

  /** Drops rows from `step` on into new arrays, so that views handed out before keep their values. */
  #truncate(step: number): void {
    const kept = this.steps.findIndex((s) => s >= step);
    this.#reallocate(this.#steps.length, kept);
    this.#rows = kept;
  }

  #reserve(rows: number): void {
    if (rows > this.#steps.length) this.#reallocate(Math.max(rows, 2 * this.#steps.length), this.#rows);
  }

  #reallocate(capacity: number, kept: number): void {
    const grow = (old: Float64Array) => {
      const grown = new Float64Array(capacity).fill(NaN);
      grown.set(old.subarray(0, kept));
      return grown;
    };
    this.#steps = grow(this.#steps);
    for (const [name, old] of this.#values) this.#values.set(name, grow(old));
  }
}
