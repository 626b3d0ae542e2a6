/** @file The order of rows in an epoch: a pure function of (seed, epoch), so that a step count is enough to resume. */
import { philox } from '../numerics/philox';

/** Second key word: keeps this stream apart from any other use of the same seed. */
const purpose = 0x5f0e1e55;

/**
 * A uniformly random permutation of 0 … rows − 1, written to `order`; another for each member of an ensemble.
 * Fisher–Yates on counter-addressed integers; bounded by rejection, hence without modulo bias.
 */
export function shuffleRows(order: Uint32Array, seed: number, epoch: number, member = 0): void {
  const block = new Uint32Array(4);
  let drawn = 0;
  const below = (bound: number): number => {
    const limit = 0x1_0000_0000 - (0x1_0000_0000 % bound); // largest multiple of bound in 2^32
    for (;;) {
      if (drawn % 4 === 0) philox(block, drawn / 4, epoch >>> 0, Math.floor(epoch / 0x1_0000_0000), member, seed, purpose);
      const word = block[drawn++ % 4]!;
      if (word < limit) return word % bound;
    }
  };
  for (let i = 0; i < order.length; i++) order[i] = i;
  for (let i = order.length - 1; i > 0; i--) {
    const j = below(i + 1);
    const swapped = order[i]!;
    order[i] = order[j]!;
    order[j] = swapped;
  }
}
