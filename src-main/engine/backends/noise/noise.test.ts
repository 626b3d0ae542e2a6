import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { philox } from '../../numerics/philox';
import { openNoise, type NoiseGenerator } from './generator';

/** The integers of one draw by the definition in module.ts, in plain TypeScript: `count` per lane of each block, interleaved. */
function integers(values: number, address: number, seed: number, step: number): Uint32Array {
  const out = new Uint32Array(Math.ceil(values / 8) * 8);
  for (let first = 0; first < out.length; first += 4096) {
    for (let lane = 0; lane < 4; lane++) {
      const s = new Uint32Array(4);
      philox(s, 4 * (first / 4096) + lane, address, step % 2 ** 32, Math.floor(step / 2 ** 32), seed, 0);
      for (let i = first + lane; i < Math.min(first + 4096, out.length); i += 4) out[i] = xoshiro(s);
    }
  }
  return out;
}

/** xoshiro128++ 1.0 as its authors publish it. */
function xoshiro(s: Uint32Array): number {
  const rotate = (x: number, bits: number) => (x << bits) | (x >>> (32 - bits));
  const result = rotate(s[0]! + s[3]!, 7) + s[0]!;
  const t = s[1]! << 9;
  s[2]! ^= s[0]!;
  s[3]! ^= s[1]!;
  s[1]! ^= s[2]!;
  s[0]! ^= s[3]!;
  s[2]! ^= t;
  s[3] = rotate(s[3]!, 11);
  return result;
}

/** Box–Muller in float64 from u in float32: the angle of integer b lies in the quadrant that its top bits choose. */
function normalPair(a: number, b: number): [number, number] {
  const radius = Math.sqrt(-2 * Math.log(Math.fround(Math.fround(a) * 2 ** -32 + 2 ** -33)));
  const angle = ((b << 2) * Math.PI) / 2 ** 33;
  const [x, y] = b & 0x40000000 ? [Math.sin(angle), Math.cos(angle)] : [Math.cos(angle), Math.sin(angle)];
  const sign = b & 0x80000000 ? -1 : 1;
  return [sign * radius * x, sign * radius * y];
}

let one: NoiseGenerator;
let three: NoiseGenerator;
beforeAll(async () => {
  [one, three] = await Promise.all([openNoise(1), openNoise(3)]);
});
afterAll(async () => {
  await Promise.all([one.close(), three.close()]);
});

describe('the noise generator', () => {
  const at = { seed: 0xdeadbeef, step: 2 ** 40 + 12345 };
  const address = 0x9abcdef0;

  it('gives the uniforms of its definition bit for bit', () => {
    const expected = Float32Array.from(integers(9001, address, at.seed, at.step), (x) => (x >>> 8) * 2 ** -24).subarray(0, 9001);
    expect(one.draw('uniform', address, [9001], at)).toEqual(expected);
  });

  it('gives the normals of its definition to float32 accuracy', () => {
    const bits = integers(9001, address, at.seed, at.step);
    const drawn = one.draw('normal', address, [9001], at);
    let worst = 0;
    for (let i = 0; i < 9000; i++) {
      const [vector, lane] = [i >> 3, i & 3];
      const expected = normalPair(bits[8 * vector + lane]!, bits[8 * vector + 4 + lane]!)[(i >> 2) & 1]!;
      worst = Math.max(worst, Math.abs(drawn[i]! - expected));
    }
    expect(worst).toBeLessThan(2e-6);
  });

  it('depends neither on the number of threads nor on what is drawn beside it', () => {
    const inputs = [
      { name: 'a', kind: 'normal', address: 1, shape: [300_001] },
      { name: 'b', kind: 'uniform', address: 2, shape: [3, 70_001] },
      { name: 'c', kind: 'normal', address: 3, shape: [5] },
    ] as const;
    const program = three.compile(inputs);
    for (const step of [0, 1, 2, 3]) {
      program.fill({ seed: 7, step });
      for (const [i, { kind, address, shape }] of inputs.entries())
        expect(program.outputs[i]!.data.slice()).toEqual(one.draw(kind, address, shape, { seed: 7, step }));
    }
  });

  it('starts a shorter draw with the values of a longer one', () => {
    expect(one.draw('normal', 4, [5003], { seed: 1, step: 1 })).toEqual(one.draw('normal', 4, [20_000], { seed: 1, step: 1 }).slice(0, 5003));
  });

  it('changes with seed, step and address', () => {
    const first = (seed: number, step: number, address: number) => one.draw('uniform', address, [1], { seed, step })[0];
    expect(new Set([first(1, 1, 1), first(2, 1, 1), first(1, 2, 1), first(1, 1 + 2 ** 32, 1), first(1, 1, 2)]).size).toBe(5);
  });

  it('draws from N(0, 1): moments, tails and independence of neighbours', () => {
    const n = 4_000_000;
    const z = one.draw('normal', 11, [n], { seed: 3, step: 5 });
    const sums = new Float64Array(4);
    const lags = [1, 2, 4, 8, 4096];
    const products = new Float64Array(lags.length);
    const squares = new Float64Array(lags.length);
    const beyond = [1, 2, 3, 4, 4.5];
    const counts = new Float64Array(beyond.length);
    for (let i = 0; i < n; i++) {
      const x = z[i]!;
      for (let k = 0, power = x; k < 4; k++, power *= x) sums[k]! += power;
      for (const [l, lag] of lags.entries())
        if (i >= lag) {
          products[l]! += x * z[i - lag]!;
          squares[l]! += (x * x - 1) * (z[i - lag]! ** 2 - 1);
        }
      for (const [b, bound] of beyond.entries()) if (Math.abs(x) > bound) counts[b]!++;
    }
    // Each within 4.5 standard errors; Var xᵏ = 1, 2, 15, 96.
    const within = (value: number, expected: number, standardError: number) => expect(Math.abs(value - expected) / standardError).toBeLessThan(4.5);
    for (const [k, expected, variance] of [
      [0, 0, 1],
      [1, 1, 2],
      [2, 0, 15],
      [3, 3, 96],
    ] as const)
      within(sums[k]! / n, expected, Math.sqrt(variance / n));
    for (const l of lags.keys()) {
      within(products[l]!, 0, Math.sqrt(n));
      within(squares[l]!, 0, 2 * Math.sqrt(n));
    }
    // P(|z| > 1, 2, 3, 4, 4.5)
    for (const [b, p] of [0.3173105079, 0.0455002639, 0.0026997961, 6.33424837e-5, 6.7953461e-6].entries()) within(counts[b]!, n * p, Math.sqrt(n * p));
  });

  it('draws uniforms of every 24-bit digit alike', () => {
    const n = 1 << 20;
    const u = one.draw('uniform', 12, [n], { seed: 3, step: 5 });
    for (const scale of [256, 65_536, 16_777_216]) {
      const counts = new Float64Array(256);
      for (const x of u) counts[Math.floor(x * scale) & 255]!++;
      const chiSquare = counts.reduce((sum, count) => sum + (count - n / 256) ** 2 / (n / 256), 0);
      expect(chiSquare).toBeGreaterThan(255 - 4.5 * Math.sqrt(510));
      expect(chiSquare).toBeLessThan(255 + 4.5 * Math.sqrt(510));
    }
    expect(Math.min(...u.subarray(0, 100_000))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...u.subarray(0, 100_000))).toBeLessThan(1);
  });
});
