/** @file Draws that are made once and kept in memory: for predictions that follow a hand. */
import type { HostTensors } from '../numerics/host-tensor';
import type { DrawSource } from './draw-source';

const capacity = 512 * 2 ** 20; // bytes

/** The same draws as `source`; beyond 512 MiB they are made anew each time. */
export class RememberedDraws implements DrawSource {
  readonly #known = new Map<string, HostTensors>();
  #room = capacity;

  constructor(readonly source: DrawSource) {}

  count(requested: number): number {
    return this.source.count(requested);
  }

  async weights(s: number, count: number, seed: number): Promise<HostTensors> {
    const key = `${s} of ${count}, ${seed}`;
    const known = this.#known.get(key);
    if (known) return known;
    const made = await this.source.weights(s, count, seed);
    const bytes = Object.values(made).reduce((sum, { data }) => sum + data.byteLength, 0);
    if (bytes > this.#room) return made;
    this.#room -= bytes;
    const copy = Object.fromEntries(Object.entries(made).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() } as typeof tensor]));
    this.#known.set(key, copy);
    return copy;
  }

  async close(): Promise<void> {
    this.#known.clear();
    await this.source.close();
  }
}
