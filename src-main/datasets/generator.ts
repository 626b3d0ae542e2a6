/** @file Seeded random numbers for making and splitting data on the host, in float64: the same numbers on every machine. */

/** Generator xoshiro128**. @see Blackman & Vigna (2021), Scrambled linear pseudorandom number generators. */
export class Generator {
  private spare = NaN;

  /** The state: four 32-bit words, not all zero. Use `seeded` unless the state itself matters. */
  constructor(
    private a: number,
    private b: number,
    private c: number,
    private d: number,
  ) {}

  /** Unsigned 32-bit integer. */
  bits(): number {
    const five = Math.imul(this.b, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    const t = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= t;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result;
  }

  /** U[low, high) with 53 random bits. */
  uniform(low = 0, high = 1): number {
    const high27 = this.bits() >>> 5;
    const low26 = this.bits() >>> 6;
    return low + ((high - low) * (high27 * 0x4000000 + low26)) / 0x20000000000000;
  }

  /** N(mean, sd²) by the Box–Muller transform. */
  normal(mean = 0, sd = 1): number {
    let z = this.spare;
    this.spare = NaN;
    if (Number.isNaN(z)) {
      const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
      const angle = 2 * Math.PI * this.uniform();
      z = radius * Math.cos(angle);
      this.spare = radius * Math.sin(angle);
    }
    return mean + sd * z;
  }

  /** Uniform integer in [0, n), exact: values of the incomplete last cycle are drawn again. n ≤ 2³². */
  below(n: number): number {
    const limit = 0x100000000 - (0x100000000 % n);
    for (;;) {
      const value = this.bits();
      if (value < limit) return value % n;
    }
  }

  /** Uniform permutation of 0…n−1 (Fisher–Yates). */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = order[i]!;
      order[i] = order[j]!;
      order[j] = kept;
    }
    return order;
  }
}

/** A generator for an address of integers, such as (seed, part, row): each address has its own stream. */
export function seeded(...address: readonly number[]): Generator {
  let state = 0x6a09e667;
  const next = () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) | 0;
  };
  for (const word of address) state = next() ^ word;
  return new Generator(next(), next(), next(), next() | 1);
}
