/** @file MT19937 with NumPy's shuffle, for one purpose: splits that were published as "NumPy with seed 1". */

const words = 624;

/** Unsigned 32-bit numbers of NumPy's `RandomState(seed)`. @see Matsumoto & Nishimura (1998), Mersenne Twister, fig. 2 and the initialisation of 2002 */
function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(words);
  state[0] = seed;
  for (let i = 1; i < words; i++) state[i] = Math.imul(1812433253, state[i - 1]! ^ (state[i - 1]! >>> 30)) + i;
  let next = words;
  return () => {
    if (next === words) {
      for (let i = 0; i < words; i++) {
        const y = (state[i]! & 0x80000000) | (state[(i + 1) % words]! & 0x7fffffff);
        state[i] = state[(i + 397) % words]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
      }
      next = 0;
    }
    let y = state[next++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}

/** The first `count` permutations of 0 … n − 1 that `numpy.random.seed(seed)` is followed by. */
export function numpyPermutations(seed: number, n: number, count: number): Uint32Array[] {
  const draw = mersenneTwister(seed);
  /** Uniform on 0 … max, by rejection below the next power of two. */
  const upTo = (max: number): number => {
    const mask = 2 ** (32 - Math.clz32(max)) - 1;
    for (;;) {
      const value = (draw() & mask) >>> 0;
      if (value <= max) return value;
    }
  };
  return Array.from({ length: count }, () => {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = upTo(i);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  });
}
