/** @file What a training tells of its progress, and how often. */
import type { RunProgress } from '../../contract/run';
import { Pace } from './pace';
import type { Plan } from './plan';

const interval = 100; // ms

export class ProgressTeller {
  readonly #pace = new Pace();
  #toldAt = -Infinity;

  constructor(
    readonly plan: Plan,
    readonly listener: { progress(progress: RunProgress): void },
  ) {}

  get hasBegun(): boolean {
    return this.#toldAt > -Infinity;
  }

  /** An epoch may be shorter than a millisecond. */
  isDue(now: number): boolean {
    return now - this.#toldAt > interval;
  }

  /** `step`: steps done. */
  tell(step: number, message: string): void {
    const now = performance.now();
    this.#pace.mark(now, step);
    this.#toldAt = now;
    const { steps, stepsPerEpoch, epochs } = this.plan;
    this.listener.progress({
      ...{ step, steps, epoch: step / stepsPerEpoch, epochs, message },
      speed: this.#pace.speed,
      eta: this.#pace.eta(steps - step),
    });
  }

  /** Time that was no work says nothing of the speed. */
  resetPace(): void {
    this.#pace.reset();
  }
}
