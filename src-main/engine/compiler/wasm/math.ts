/** @file Elementary functions of four float32 at once, to float32 accuracy. */
import { f32x4, i32x4, v128, type Code, type Local } from './encoder';

/** Where the code of a function under construction goes. */
export interface Scope {
  /** Does this next. */
  run(code: Code): void;
  /** A new variable. */
  local(): Local;
  /** Computes a value once, next; it may then be used any number of times. */
  keep(value: Code): Code;
  /** A constant of 128 bits. */
  constant(value: Code): Code;
  /** A float32 constant in all lanes. */
  all(value: number): Code;
}

export type Constants = Pick<Scope, 'constant' | 'all'>;

/** Polynomial with the highest coefficient first. */
export const polynomial = (x: Code, [first = 0, ...rest]: readonly number[], { all }: Pick<Scope, 'all'>): Code =>
  rest.reduce<Code>((sum, c) => f32x4.multiplyAdd(sum, x, all(c)), all(first));

/** The same, as E(x²) + x O(x²): two chains half as long, side by side. */
function split(x: Code, square: Code, coefficients: readonly number[], constants: Pick<Scope, 'all'>): Code {
  const half = (parity: number) =>
    polynomial(
      square,
      coefficients.filter((_, i) => (coefficients.length - 1 - i) % 2 === parity),
      constants,
    );
  return f32x4.multiplyAdd(half(1), x, half(0));
}

/** Statements for u ← ln u of a positive, normal u: relative error about 10⁻⁷ (Moshier's logf). `m`, `e`, `z` are scratch. */
export const logarithm = (u: Local, m: Local, e: Local, z: Local, constants: Constants): readonly Code[] => [
  e.set(i32x4.shrSigned(i32x4.sub(u.get, constants.constant(i32x4.all(0x3f3504f3))), 23)),
  m.set(f32x4.sub(i32x4.sub(u.get, i32x4.shl(e.get, 23)), constants.all(1))),
  e.set(f32x4.fromSigned(e.get)),
  z.set(f32x4.mul(m.get, m.get)),
  u.set(
    f32x4.mul(
      f32x4.mul(m.get, z.get),
      split(
        m.get,
        z.get,
        [
          7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1,
          3.3333331174e-1,
        ],
        constants,
      ),
    ),
  ),
  u.set(f32x4.multiplySubtract(z.get, constants.all(0.5), f32x4.multiplyAdd(e.get, constants.all(-2.1219444e-4), u.get))),
  u.set(f32x4.multiplyAdd(e.get, constants.all(0.693359375), f32x4.add(m.get, u.get))),
];

function positiveLog(s: Scope, x: Code): Code {
  const u = s.local();
  s.run(u.set(x));
  for (const statement of logarithm(u, s.local(), s.local(), s.local(), s)) s.run(statement);
  return u.get;
}

/** eˣ = eʳ 2ⁿ with n = round(x / ln 2), |x| < 105 (Moshier's expf). */
function reduced(s: Scope, x: Code): { value: Code; n: Code } {
  const n = s.keep(f32x4.nearest(f32x4.mul(x, s.all(Math.LOG2E))));
  const r = s.keep(f32x4.multiplySubtract(n, s.all(-2.1219444e-4), f32x4.multiplySubtract(n, s.all(0.693359375), x)));
  const square = s.keep(f32x4.mul(r, r));
  const tail = split(r, square, [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1], s);
  return { value: f32x4.multiplyAdd(square, tail, f32x4.add(r, s.all(1))), n: i32x4.fromFloat(n) };
}

const powerOfTwo = (s: Scope, exponent: Code): Code => i32x4.shl(i32x4.add(exponent, s.constant(i32x4.all(127))), 23);

/** eˣ; the power of two in two factors, so that it reaches infinity and the subnormals. */
export function exp(s: Scope, x: Code): Code {
  const { value, n } = reduced(s, s.keep(f32x4.larger(f32x4.smaller(x, s.all(89)), s.all(-104))));
  const k = s.keep(n);
  const half = s.keep(i32x4.shrSigned(k, 1));
  return f32x4.mul(f32x4.mul(value, powerOfTwo(s, half)), powerOfTwo(s, i32x4.sub(k, half)));
}

/** ln x for every x: −∞ at 0, NaN below. */
export function log(s: Scope, value: Code): Code {
  const x = s.keep(value);
  const subnormal = s.keep(f32x4.less(x, s.all(2 ** -126)));
  const ordinary = positiveLog(s, v128.bitselect(f32x4.mul(x, s.all(2 ** 23)), x, subnormal));
  const scaled = f32x4.sub(ordinary, v128.and(subnormal, s.all(23 * Math.LN2)));
  const positive = s.keep(f32x4.greater(x, s.all(0)));
  const special = v128.bitselect(s.all(-Infinity), v128.bitselect(x, s.all(NaN), positive), f32x4.equal(x, s.all(0)));
  return v128.bitselect(scaled, special, v128.and(positive, f32x4.less(x, s.all(Infinity))));
}

/** Kahan: ln u + (x − (u − 1)) / u, u = 1 + x rounded. */
export function log1p(s: Scope, value: Code): Code {
  const x = s.keep(value);
  const u = s.keep(f32x4.add(x, s.all(1)));
  const correction = f32x4.div(f32x4.sub(x, f32x4.sub(u, s.all(1))), u);
  const finite = v128.and(f32x4.greater(u, s.all(0)), f32x4.less(u, s.all(Infinity)));
  return f32x4.add(log(s, u), v128.and(correction, finite));
}

/** e^−|x|, which softplus and sigmoid share; nowhere below the smallest normal number. */
export function decay(s: Scope, x: Code): Code {
  const { value, n } = reduced(s, s.keep(f32x4.larger(f32x4.neg(f32x4.abs(x)), s.all(-87))));
  return s.keep(f32x4.mul(value, powerOfTwo(s, n)));
}

/** max(x, 0) + ln(1 + e), e = e^−|x|; the correction's division by u is within rounding. */
export function softplus(s: Scope, x: Code, e: Code): Code {
  const u = s.keep(f32x4.add(e, s.all(1)));
  const correction = f32x4.sub(e, f32x4.sub(u, s.all(1)));
  return f32x4.add(f32x4.larger(x, s.all(0)), f32x4.add(positiveLog(s, u), correction));
}

/** 1 / (1 + e) for x ≥ 0, e / (1 + e) below, e = e^−|x|. */
export const sigmoid = (s: Scope, x: Code, e: Code): Code => f32x4.div(v128.bitselect(e, s.all(1), f32x4.less(x, s.all(0))), f32x4.add(e, s.all(1)));

/** Moshier's tanhf: a polynomial below 0.625, else 1 − 2 / (e^2|x| + 1) with the sign of x. */
export function tanh(s: Scope, value: Code): Code {
  const x = s.keep(value);
  const z = s.keep(f32x4.mul(x, x));
  const series = polynomial(z, [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1], s);
  const small = s.keep(f32x4.multiplyAdd(f32x4.mul(series, z), x, x));
  const size = s.keep(f32x4.abs(x));
  const large = f32x4.sub(s.all(1), f32x4.div(s.all(2), f32x4.add(exp(s, f32x4.add(size, size)), s.all(1))));
  const signed = s.keep(v128.or(large, v128.and(x, s.constant(i32x4.all(0x80000000)))));
  return v128.bitselect(small, signed, f32x4.less(size, s.all(0.625)));
}

/** eˣ − 1 = t (eˣ + 1) with t = tanh(x/2): no cancellation near 0. */
export function expm1(s: Scope, value: Code): Code {
  const x = s.keep(value);
  return f32x4.mul(tanh(s, f32x4.mul(x, s.all(0.5))), f32x4.add(exp(s, x), s.all(1)));
}
