/** @file Flow control of metrics: rows wait here until the main thread has stored earlier ones. */
import { MetricScope } from '../../contract/run';
import type { FromWorker } from '../protocol';

type MetricMessage = Extract<FromWorker, { type: 'metrics' }>;

const interval = 100; // ms between two messages, so that short steps travel together

/** Rows of equal columns, growing. */
class Rows {
  steps: number[] = [];
  values: number[] = [];
  constructor(readonly names: readonly string[]) {}
}

/** Sends rows of metrics in few messages, and never more unacknowledged ones than it has credits. */
export class MetricSender {
  readonly #rows: Record<MetricScope, Rows>;
  #sentAt = -Infinity;
  #waiting: (() => void)[] = [];

  constructor(
    names: Readonly<Record<MetricScope, readonly string[]>>,
    readonly post: (message: MetricMessage, transfer: ArrayBuffer[]) => void,
    private credits: number,
  ) {
    this.#rows = { step: new Rows(names.step), epoch: new Rows(names.epoch), checkpoint: new Rows(names.checkpoint) };
  }

  /** `values` in the order of the scope's names; NaN = not measured. */
  add(scope: MetricScope, step: number, values: ArrayLike<number>): void {
    const rows = this.#rows[scope];
    rows.steps.push(step);
    for (let i = 0; i < rows.names.length; i++) rows.values.push(values[i]!);
    if (performance.now() - this.#sentAt >= interval) this.#send();
  }

  /** The main thread has stored `count` messages. */
  acknowledge(count: number): void {
    this.credits += count;
    if (this.#waiting.length > 0) this.#send();
  }

  /** Resolves when every row has been sent. */
  async flush(): Promise<void> {
    this.#send();
    while (this.#pending()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #pending(): boolean {
    return Object.values(this.#rows).some(({ steps }) => steps.length > 0);
  }

  #send(): void {
    for (const scope of MetricScope.options) {
      const { names, steps, values } = this.#rows[scope];
      if (steps.length === 0 || this.credits === 0) continue;
      this.credits--;
      const chunk = { names: [...names], steps: Float64Array.from(steps), values: Float64Array.from(values) };
      this.#rows[scope] = new Rows(names);
      this.post({ type: 'metrics', scope, chunk }, [chunk.steps.buffer, chunk.values.buffer]);
    }
    this.#sentAt = performance.now();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
