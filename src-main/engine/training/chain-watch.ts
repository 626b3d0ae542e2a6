/** @file Follows predictions along the chains of a sampler while it trains, so that it can be said at the end whether the chains agree. */
import type { Device } from '../backends/device';
import { centred, type Chains } from '../metrics/chains';
import { agreementOf, areEnough } from '../metrics/mixing';
import type { BayesianModel } from './bayesian-model';
import { openProbe, type Probe } from './chain-draws';
import type { Warning } from './diagnosis';
import type { KeptDraw } from './kept-draws';
import type { Rows } from './minibatches';
import { mixingWarns } from './sampler-diagnosis';

/** Rows whose predictions are followed: each kept draw costs a forward pass over them. */
const followedRows = 20;

export class ChainWatch {
  /** Outputs at each draw, by chain. */
  readonly #chains = new Map<number, Float64Array[]>();

  private constructor(
    readonly probe: Probe,
    readonly classes: number | null,
  ) {}

  /** Undefined where there are no several chains to compare. */
  static async open(model: BayesianModel, device: Device, rows: Rows): Promise<ChainWatch | undefined> {
    const { method, algorithm, data } = model;
    if (!method.keepsDraws || (algorithm.members ?? 1) < 2 || !method.metrics.some(({ id }) => id === 'configurationalTemperature')) return undefined;
    const width = rows.x.length / rows.rows;
    const count = Math.min(followedRows, rows.rows);
    const x = new Float32Array(count * width);
    for (let i = 0; i < count; i++) {
      const row = Math.floor((i * rows.rows) / count);
      x.set(rows.x.subarray(row * width, (row + 1) * width), i * width);
    }
    return new ChainWatch(await openProbe(model, device, x, count), data.task.kind === 'classification' ? data.task.outputs : null);
  }

  async note({ member, step, weights }: KeptDraw): Promise<void> {
    const outputs = await this.probe.outputs(weights, step);
    const chain = this.#chains.get(member) ?? [];
    this.#chains.set(member, chain);
    chain.push(this.classes === null ? Float64Array.from(outputs) : centred(outputs, this.classes));
  }

  /** Draws from before a resume are not known; with too few since, nothing is said. */
  warnings(): readonly Warning[] {
    const chains = [...this.#chains.values()];
    const draws = Math.min(...chains.map(({ length }) => length));
    if (!areEnough(chains.length, draws)) return [];
    const quantities = Array.from({ length: chains[0]![0]!.length }, (_, i): Chains =>
      chains.map((chain) => Float64Array.from(chain.slice(-draws), (outputs) => outputs[i]!)),
    );
    return mixingWarns(agreementOf(quantities), chains.length, draws);
  }

  close(): Promise<void> {
    return this.probe.close();
  }
}
