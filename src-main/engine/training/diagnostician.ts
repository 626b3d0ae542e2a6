/** @file Looks at a training at each of its checkpoints, and says each thing once. */
import type { BayesianModel } from './bayesian-model';
import { describeDiagnosis, diagnose, warningsOf } from './diagnosis';
import type { Checkpoint } from './train';

export interface Finding {
  readonly level: 'info' | 'warning';
  readonly message: string;
}

export class Diagnostician {
  readonly #said = new Set<string>();
  /** Of the step just taken, in the order of the method's metrics. */
  readonly #values: Float64Array;

  constructor(
    readonly model: BayesianModel,
    /** Of the whole training. */
    readonly steps: number,
  ) {
    this.#values = new Float64Array(model.method.metrics.length).fill(NaN);
  }

  /** Hears of every step, so it only copies. */
  note(values: ArrayLike<number>): void {
    this.#values.set(values);
  }

  /** What is new to say at this checkpoint; a summary at the last one. */
  of({ step, state }: Checkpoint): readonly Finding[] {
    const terms = Object.fromEntries(this.model.method.metrics.map(({ id }, i) => [id, this.#values[i]!]));
    const diagnosis = diagnose(this.model, state, terms);
    if (!diagnosis) return [];
    const fresh = warningsOf(diagnosis, step / this.steps).filter(({ id }) => !this.#said.has(id));
    for (const { id } of fresh) this.#said.add(id);
    return [
      ...fresh.map(({ message }) => ({ level: 'warning' as const, message })),
      ...(step === this.steps ? [{ level: 'info' as const, message: `Diagnosis: ${describeDiagnosis(diagnosis)}` }] : []),
    ];
  }
}
