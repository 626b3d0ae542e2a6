/** @file Timing by the best of several rounds: on a shared machine the least disturbed round is the honest one. */

/** Milliseconds per call in the best round, after one round to warm up. */
export async function bestOf(call: () => Promise<unknown>, { rounds, calls }: { rounds: number; calls: number }): Promise<number> {
  let best = Infinity;
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now();
    for (let i = 0; i < calls; i++) await call();
    if (round > 0) best = Math.min(best, (performance.now() - start) / calls);
  }
  return best;
}
