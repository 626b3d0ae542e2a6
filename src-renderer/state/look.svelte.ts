/** @file Questions about one image that follow the user's hand: while one is under way only the newest of the next ones is kept. */
import type { Explored, ExploreRequest } from '../../src-main/contract/explore';
import { call } from '../rpc/client';

export class Look {
  seen = $state.raw<Explored | null>(null);
  /** From question to answer, ms; null before the first. */
  took = $state<number | null>(null);
  failure = $state.raw<unknown>(null);
  asking = $state(false);
  #next: ExploreRequest | null = null;
  #clears = 0;

  ask(request: ExploreRequest): void {
    this.#next = request;
    if (!this.asking) void this.#work();
  }

  /** Nothing is shown until the next answer. */
  clear(): void {
    this.#next = null;
    this.seen = null;
    this.#clears++;
  }

  async #work(): Promise<void> {
    this.asking = true;
    while (this.#next) {
      const request = this.#next;
      this.#next = null;
      const clears = this.#clears;
      const began = performance.now();
      try {
        const seen = await call('explore.look', request);
        if (clears !== this.#clears) continue; // an answer to what is no longer there
        this.seen = seen;
        this.failure = null;
        this.took = performance.now() - began;
      } catch (error) {
        this.failure = error;
        this.seen = null;
      }
    }
    this.asking = false;
  }
}
