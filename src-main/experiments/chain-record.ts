/** @file Scalars noted down at each draw of several chains, and what diagnostics make of them. */
import type { SpaceDiagnosis } from '../contract/chains';
import { medianOf, type Chains } from '../engine/metrics/chains';
import { autocorrelation, bulkEss, tailEss } from '../engine/metrics/ess';
import { mixingLimits } from '../engine/metrics/mixing';
import { rhat } from '../engine/metrics/rhat';

/** Traces that are stored and drawn of one quantity. */
const shownChains = 8;

export class ChainRecord {
  readonly #chains = new Map<number, { step: number; values: Float64Array }[]>();

  /** Draws come in the order of their steps within each chain. */
  add({ member, step }: { readonly member: number; readonly step: number }, values: ArrayLike<number>): void {
    const chain = this.#chains.get(member) ?? [];
    this.#chains.set(member, chain);
    chain.push({ step, values: Float64Array.from(values) });
  }

  get chains(): number {
    return this.#chains.size;
  }

  /** Draws that every chain has: the newest of each count. */
  get draws(): number {
    return Math.min(...[...this.#chains.values()].map(({ length }) => length));
  }

  get quantities(): number {
    return [...this.#chains.values()][0]?.[0]?.values.length ?? 0;
  }

  get steps(): number[] {
    return [...this.#chains.values()][0]?.slice(-this.draws).map(({ step }) => step) ?? [];
  }

  quantity(index: number): Chains {
    return [...this.#chains.values()].map((chain) => Float64Array.from(chain.slice(-this.draws), ({ values }) => values[index]!));
  }

  /** @param enough whether there are draws enough for R̂ and effective sample sizes */
  diagnose(nameOf: (index: number) => string, lags: number, enough: boolean): SpaceDiagnosis {
    const all = Array.from({ length: this.quantities }, (_, i) => this.quantity(i));
    const rhats = enough ? all.map(rhat) : [];
    const largest = rhats.length > 0 ? rhats.indexOf(Math.max(...rhats)) : 0;
    const example = all[largest]!.slice(0, shownChains);
    const typical = (values: readonly number[], worst: (...values: number[]) => number) => ({
      median: medianOf([Float64Array.from(values)]),
      worst: worst(...values),
    });
    return {
      quantities: all.length,
      agreement: enough
        ? {
            rhat: typical(rhats, Math.max),
            bulkEss: typical(all.map(bulkEss), Math.min),
            tailEss: typical(all.map(tailEss), Math.min),
            mixed: rhats.filter((value) => value <= mixingLimits.rhat).length / rhats.length,
          }
        : null,
      example: {
        name: nameOf(largest),
        rhat: rhats[largest] ?? null,
        steps: this.steps,
        traces: example.map((chain) => [...chain]),
        autocorrelation: example.map((chain) => autocorrelation(chain, lags)),
      },
    };
  }
}
