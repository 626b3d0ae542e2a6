/** @file How fast a training goes, over its last seconds. */

const windowSeconds = 5;

/** Steps per second over a sliding window, from (time, step) marks. */
export class Pace {
  #marks: { time: number; step: number }[] = [];

  /** Notes that `step` steps are done at `time` [ms]. */
  mark(time: number, step: number): void {
    this.#marks.push({ time, step });
    while (this.#marks.length > 2 && this.#marks[1]!.time < time - windowSeconds * 1000) this.#marks.shift();
  }

  /** Forgets the past: time spent waiting is no work. */
  reset(): void {
    this.#marks = [];
  }

  /** Steps per second; 0 while unknown. */
  get speed(): number {
    const first = this.#marks[0];
    const last = this.#marks.at(-1);
    return first && last && last.time > first.time ? ((last.step - first.step) * 1000) / (last.time - first.time) : 0;
  }

  /** Seconds to go for `remaining` steps; null while unknown. */
  eta(remaining: number): number | null {
    const { speed } = this;
    return speed > 0 ? remaining / speed : null;
  }
}
