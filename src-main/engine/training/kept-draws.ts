/** @file Draws that a run kept while it trained: the predictive of samplers and snapshots. */
import { invariant } from '../../contract/errors';
import type { HostTensors } from '../numerics/host-tensor';
import type { DrawSource } from './draw-source';

/** One draw of a chain: its weights by parameter. */
export interface KeptDraw {
  /** Steps done when it was kept. */
  readonly step: number;
  /** The chain or member that it is of. */
  readonly member: number;
  readonly weights: HostTensors;
}

/** A kept draw that is read when it is needed. */
export interface StoredDraw extends Pick<KeptDraw, 'step' | 'member'> {
  load(): Promise<HostTensors>;
}

/** Bytes of draws that stay in memory, for studies that go over all of them again and again. */
const cachedBytes = 512 * 2 ** 20;

/** Reads draws one by one. An average of fewer than all takes them evenly spaced, the newest of the last chain included. */
export class KeptDraws implements DrawSource {
  readonly #cache = new Map<number, HostTensors>();
  #room = cachedBytes;

  /** Chain after chain, each in the order of its steps: draws evenly spaced in this order are of all chains. */
  readonly draws: readonly StoredDraw[];

  constructor(draws: readonly StoredDraw[]) {
    this.draws = draws.toSorted((a, b) => a.member - b.member || a.step - b.step);
  }

  count(requested: number): number {
    return Math.min(requested, this.draws.length);
  }

  /** The place among all kept draws of draw `s` of `count`. */
  index(s: number, count: number): number {
    return Math.ceil(((s + 1) * this.draws.length) / count) - 1;
  }

  async weights(s: number, count: number): Promise<HostTensors> {
    const index = this.index(s, count);
    const known = this.#cache.get(index);
    if (known) return known;
    const draw = this.draws[index];
    invariant(draw, `draw ${index} of ${this.draws.length} was asked for`);
    const weights = await draw.load();
    const bytes = Object.values(weights).reduce((sum, { data }) => sum + data.byteLength, 0);
    if (bytes <= this.#room) {
      this.#cache.set(index, weights);
      this.#room -= bytes;
    }
    return weights;
  }

  async close(): Promise<void> {
    this.#cache.clear();
  }
}
