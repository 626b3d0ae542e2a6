/** @file Looks at a training at each of its checkpoints, and says each thing once. */
import type { BayesianModel } from './bayesian-model';
import type { ChainWatch } from './chain-watch';
import { describeDiagnosis, diagnose, warningsOf, type Warning } from './diagnosis';
import type { KeptDraw } from './kept-draws';
import { readingsWarn } from './sampler-diagnosis';
import type { Checkpoint } from './train';

export interface Finding {
  readonly level: 'info' | 'warning';
  readonly message: string;
}

/** Steps whose metrics are averaged: one batch under one draw says little. */
const recent = 50;

export class Diagnostician {
  readonly #said = new Set<string>();
  /** Of the step just taken, in the order of the method's metrics. */
  readonly #values: Float64Array;
  /** The same, averaged over the last steps. */
  readonly #means: Float64Array;
  #steps = 0;
  /** The same at each draw that was kept. */
  readonly #kept: Float64Array[] = [];

  constructor(
    readonly model: BayesianModel,
    /** Of the whole training. */
    readonly steps: number,
    /** Of a sampler: the temperature wanted, and its chains where there are several. */
    readonly sampler: { readonly temperature: number; readonly chains?: ChainWatch } = { temperature: 1 },
  ) {
    this.#values = new Float64Array(model.method.metrics.length).fill(NaN);
    this.#means = new Float64Array(this.#values.length);
  }

  /** Hears of every step, so it does next to nothing. */
  note(values: ArrayLike<number>): void {
    this.#values.set(values);
    const share = 1 / Math.min(++this.#steps, recent);
    this.#means.forEach((mean, i) => (this.#means[i] = mean + share * (values[i]! - mean)));
  }

  /** Hears of every draw that is kept, after the step that left it. */
  async noteDraw(draw: KeptDraw): Promise<void> {
    if (draw.member === 0) this.#kept.push(this.#values.slice());
    await this.sampler.chains?.note(draw);
  }

  /** What is new to say at this checkpoint; a summary at the last one. */
  of({ step, state }: Checkpoint): readonly Finding[] {
    const isLast = step === this.steps;
    const diagnosis = diagnose(
      this.model,
      state,
      this.#byMetric((i) => (this.#steps > 0 ? this.#means[i]! : NaN)),
      step,
    );
    const warnings: readonly Warning[] = [
      ...(diagnosis ? warningsOf(diagnosis, step / this.steps) : []),
      ...readingsWarn(
        this.#byMetric((i) => Float64Array.from(this.#kept, (values) => values[i]!)),
        this.sampler.temperature,
      ),
      ...((isLast && this.sampler.chains?.warnings()) || []),
    ];
    const fresh = warnings.filter(({ id }) => !this.#said.has(id));
    for (const { id } of fresh) this.#said.add(id);
    return [
      ...fresh.map(({ message }) => ({ level: 'warning' as const, message })),
      ...(isLast && diagnosis ? [{ level: 'info' as const, message: `Diagnosis: ${describeDiagnosis(diagnosis)}` }] : []),
    ];
  }

  #byMetric<Value>(value: (index: number) => Value): { readonly [metric: string]: Value } {
    return Object.fromEntries(this.model.method.metrics.map(({ id }, i) => [id, value(i)]));
  }
}
