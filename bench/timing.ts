/** @file Timing by the best of several rounds: on a shared machine the least disturbed round is the honest one. */

const rounds = 6;
const roundMs = 400;
/** After which three rounds are enough. */
const longMs = 6000;

/** Milliseconds per call in the best round, after a few calls to warm up. */
export async function bestOf(call: () => Promise<unknown>): Promise<number> {
  const round = async (until: (calls: number, ms: number) => boolean): Promise<number> => {
    const start = performance.now();
    for (let calls = 1; ; calls++) {
      await call();
      const ms = performance.now() - start;
      if (until(calls, ms)) return ms / calls;
    }
  };
  await round((calls, ms) => calls >= 3 || ms >= roundMs);
  let best = Infinity;
  const start = performance.now();
  for (let i = 0; i < rounds && (i < 3 || performance.now() - start < longMs); i++) best = Math.min(best, await round((_calls, ms) => ms >= roundMs));
  return best;
}
