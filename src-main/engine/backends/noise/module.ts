/**
 * @file The noise generator in WebAssembly SIMD.
 *
 * Values come in blocks of 4096. Block b of a draw has four xoshiro128++ streams, one for each lane; lane l starts from the four
 * words of Philox4x32-10 at counter (4b + l, address, step mod 2³², step / 2³²) under key (seed, 0). Any block can therefore be made
 * by any thread, in any order.
 */
import { control, f32x4, i32, i32x4, select, v128, WasmFunction, type Code, type Local } from '../../compiler/wasm/encoder';
import { logarithm, polynomial, type Constants } from '../../compiler/wasm/math';

export const blockValues = 4096;

interface Stream {
  readonly s: readonly [Local, Local, Local, Local];
  readonly t: Local;
}

/** High and low words of the products of each lane with m. */
function multiply(x: Code, m: number): { high: Code; low: Code } {
  const factor = i32x4.all(m);
  const highWords = [4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31];
  return { high: v128.shuffle(i32x4.productLow(x, factor), i32x4.productHigh(x, factor), highWords), low: i32x4.mul(x, factor) };
}

/** @see Salmon et al. (2011), Parallel random numbers: as easy as 1, 2, 3, sec. 3.3 */
function philox({ s: [c0, c1, c2, c3], t }: Stream, key: readonly [Local, Local]): Code {
  const round = (): Code => {
    const [a, b] = [multiply(c0.get, 0xd2511f53), multiply(c2.get, 0xcd9e8d57)];
    return [
      ...t.set(v128.xor(v128.xor(b.high, c1.get), key[0].get)),
      ...c1.set(b.low),
      ...c2.set(v128.xor(v128.xor(a.high, c3.get), key[1].get)),
      ...c3.set(a.low),
      ...c0.set(t.get),
      ...key[0].set(i32x4.add(key[0].get, i32x4.all(0x9e3779b9))),
      ...key[1].set(i32x4.add(key[1].get, i32x4.all(0xbb67ae85))),
    ];
  };
  return Array.from({ length: 10 }, round).flat();
}

const rotate = (x: Local, bits: number): Code => v128.or(i32x4.shl(x.get, bits), i32x4.shrUnsigned(x.get, 32 - bits));

/** Leaves 32 random bits for each lane in `out`. @see Blackman & Vigna (2021), Scrambled linear pseudorandom number generators */
const xoshiro = ({ s: [s0, s1, s2, s3], t }: Stream, out: Local): Code => [
  ...t.set(i32x4.add(s0.get, s3.get)),
  ...out.set(i32x4.add(rotate(t, 7), s0.get)),
  ...t.set(i32x4.shl(s1.get, 9)),
  ...s2.set(v128.xor(s2.get, s0.get)),
  ...s3.set(v128.xor(s3.get, s1.get)),
  ...s1.set(v128.xor(s1.get, s2.get)),
  ...s0.set(v128.xor(s0.get, s3.get)),
  ...s2.set(v128.xor(s2.get, t.get)),
  ...s3.set(rotate(s3, 11)),
];

/** Fills `values` float32 by turns of 16 from `pointer` on, up to 60 bytes more than asked. Parameters: pointer, values, address, block, seed, stepLow, stepHigh. */
function generator(make: (f: WasmFunction, next: (out: Local) => Code, pointer: Local, constants: Constants) => Code): WasmFunction {
  const f = new WasmFunction();
  const [pointer, values, address, block, seed, stepLow, stepHigh] = f.parameters(7) as [Local, Local, Local, Local, Local, Local, Local];
  const [count, end] = [f.local('i32'), f.local('i32')];
  const vector = () => f.local('v128');
  const stream: Stream = { s: [vector(), vector(), vector(), vector()], t: vector() };
  const key = [vector(), vector()] as const;
  const [s0, s1, s2, s3] = stream.s;
  const turn = make(f, (out) => xoshiro(stream, out), pointer, {
    constant: (value) => f.constant(value),
    all: (value) => f.constant(f32x4.all(value)),
  });
  return f.body(
    control.doWhile(
      values.get,
      count.set(select(values.get, i32.const(blockValues), i32.lessUnsigned(values.get, i32.const(blockValues)))),
      end.set(i32.add(pointer.get, i32.shl(i32.and(i32.add(count.get, i32.const(15)), i32.const(-16)), i32.const(2)))),
      s0.set(i32x4.add(i32x4.splat(i32.shl(block.get, i32.const(2))), v128.const(Int32Array.of(0, 1, 2, 3)))),
      s1.set(i32x4.splat(address.get)),
      s2.set(i32x4.splat(stepLow.get)),
      s3.set(i32x4.splat(stepHigh.get)),
      key[0].set(i32x4.splat(seed.get)),
      key[1].set(i32x4.all(0)),
      philox(stream, key),
      control.doWhile(i32.lessUnsigned(pointer.get, end.get), turn, pointer.set(i32.add(pointer.get, i32.const(64)))),
      block.set(i32.add(block.get, i32.const(1))),
      values.set(i32.sub(values.get, count.get)),
    ),
  );
}

/** The upper 24 bits: multiples of 2⁻²⁴ in [0, 1). */
export const uniforms = generator((f, next, pointer, constants) => {
  const { all } = constants;
  const x = f.local('v128');
  const store = (offset: number) => v128.store(pointer.get, f32x4.mul(f32x4.fromUnsigned(i32x4.shrUnsigned(x.get, 8)), all(2 ** -24)), offset);
  return [0, 16, 32, 48].flatMap((offset) => [...next(x), ...store(offset)]);
});

/**
 * Box–Muller: radius √(−2 ln u), u = (x + ½) 2⁻³² in (0, 1], so that |z| reaches 6.7; the second integer's two top bits choose the
 * quadrant of the angle, its other bits the angle in [−π/4, π/4), where short polynomials (Moshier's sinf, cosf) are exact enough.
 */
export const normals = generator((f, next, pointer, constants) => {
  const { all, constant } = constants;
  const pair = (offset: number) => {
    const [u, x, m, e, z] = [f.local('v128'), f.local('v128'), f.local('v128'), f.local('v128'), f.local('v128')];
    const [sine, cosine] = [m, e];
    const swap = i32x4.shrSigned(i32x4.shl(x.get, 1), 31);
    const sign = v128.and(x.get, constant(i32x4.all(0x80000000)));
    const normal = (a: Local, b: Local) => v128.xor(f32x4.mul(u.get, v128.bitselect(a.get, b.get, swap)), sign);
    const draw = [...next(u), ...next(x)];
    const steps = [
      u.set(f32x4.multiplyAdd(f32x4.fromUnsigned(u.get), all(2 ** -32), all(2 ** -33))),
      ...logarithm(u, m, e, z, constants),
      u.set(f32x4.sqrt(f32x4.mul(u.get, all(-2)))),
      sine.set(f32x4.mul(f32x4.fromSigned(i32x4.shl(x.get, 2)), all(Math.PI * 2 ** -33))),
      z.set(f32x4.mul(sine.get, sine.get)),
      cosine.set(
        f32x4.multiplyAdd(
          f32x4.mul(z.get, z.get),
          polynomial(z.get, [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2], constants),
          f32x4.multiplySubtract(z.get, all(0.5), all(1)),
        ),
      ),
      sine.set(f32x4.multiplyAdd(f32x4.mul(sine.get, z.get), polynomial(z.get, [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1], constants), sine.get)),
      v128.store(pointer.get, normal(sine, cosine), offset),
      v128.store(pointer.get, normal(cosine, sine), offset + 16),
    ];
    return { draw, steps };
  };
  // Two pairs side by side: one alone leaves the processor waiting for each result.
  const pairs = [pair(0), pair(32)];
  return [...pairs.flatMap(({ draw }) => draw), ...pairs[0]!.steps.flatMap((_, i) => pairs.flatMap(({ steps }) => steps[i]!))];
});
