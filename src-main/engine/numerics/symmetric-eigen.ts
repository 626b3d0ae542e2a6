/** @file Eigenvalues and eigenvectors of dense symmetric matrices, in float64 on the host. */
import type { Interruptible } from './interruptible';

export interface SymmetricEigen {
  /** λᵢ, in no particular order, [n]. */
  readonly values: Float64Array;
  /** Row i is the unit eigenvector of λᵢ, [n × n]. */
  readonly vectors: Float64Array;
}

/**
 * A = Σ λᵢ vᵢ vᵢᵀ of a symmetric A [n × n], row-major, of which the lower triangle is read. Absolute errors are about 1e-15 |A|.
 *
 * @see Golub & Van Loan (2013), Matrix Computations, algorithms 8.3.1 (tridiagonal form) and 8.3.3 (implicit shifts; here QL with Wilkinson's).
 */
export function* symmetricEigen(matrix: ArrayLike<number>, n: number): Interruptible<SymmetricEigen> {
  const { diagonal, off, reflectors } = yield* tridiagonal(Float64Array.from(matrix), n);
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  yield* diagonalise(diagonal, off, vectors, n);
  for (let first = 0; first < n; first += 4) {
    reflectRows(vectors, reflectors, n, first);
    yield;
  }
  return { values: diagonal, vectors };
}

/** A = H₀ H₁ … T … H₁ H₀ with H = I − v vᵀ. */
interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** off[i] stands between diagonal[i] and diagonal[i + 1]. */
  readonly off: Float64Array;
  /** Row k is the v of H of step k; its entries up to k are 0. */
  readonly reflectors: Float64Array;
}

/** Overwrites the lower triangle of A. */
function* tridiagonal(a: Float64Array, n: number): Interruptible<Tridiagonal> {
  const diagonal = new Float64Array(n);
  const off = new Float64Array(n);
  const reflectors = new Float64Array(n * n);
  const w = new Float64Array(n);
  for (let k = 0; k < n - 1; k++) {
    diagonal[k] = a[k * n + k]!;
    const v = reflectors.subarray(k * n, (k + 1) * n);
    for (let i = k + 1; i < n; i++) v[i] = a[i * n + k]!;
    off[k] = reflect(v, k + 1);
    reduce(a, n, k, v, w);
    yield;
  }
  diagonal[n - 1] = a[n * n - 1]!;
  return { diagonal, off, reflectors };
}

/** A ← H A H below and right of (k, k), H = I − v vᵀ. `w` is overwritten. */
function reduce(a: Float64Array, n: number, k: number, v: Float64Array, w: Float64Array): void {
  // w = A v − ½ (vᵀ A v) v from the lower triangle, then H A H = A − v wᵀ − w vᵀ
  w.fill(0, k + 1);
  for (let i = k + 1; i < n; i++) {
    const row = i * n;
    const own = v[i]!;
    let total = a[row + i]! * own;
    for (let j = k + 1; j < i; j++) {
      const value = a[row + j]!;
      total += value * v[j]!;
      w[j]! += value * own;
    }
    w[i]! += total;
  }
  let half = 0;
  for (let i = k + 1; i < n; i++) half += 0.5 * v[i]! * w[i]!;
  for (let i = k + 1; i < n; i++) w[i]! -= half * v[i]!;
  for (let i = k + 1; i < n; i++) {
    const row = i * n;
    const vi = v[i]!;
    const wi = w[i]!;
    for (let j = k + 1; j <= i; j++) a[row + j]! -= vi * w[j]! + wi * v[j]!;
  }
}

/**
 * Turns x, which starts at `first`, into the v of the reflection that takes x to α e₁, and returns α; v = 0 where nothing is to be reflected.
 * Computed in units of the largest entry: what is left of a matrix of low rank may be so small that its squares underflow.
 */
function reflect(x: Float64Array, first: number): number {
  const lead = x[first]!;
  let largest = 0;
  for (let i = first; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i]!));
  let tail = 0;
  for (let i = first + 1; i < x.length; i++) tail += (x[i]! / largest) ** 2;
  if (largest === 0 || tail === 0) {
    x.fill(0, first);
    return lead;
  }
  const alpha = -Math.sign(lead || 1) * Math.hypot(lead / largest, Math.sqrt(tail));
  const u = lead / largest - alpha;
  const scale = Math.sqrt(2 / (u * u + tail));
  x[first] = u * scale;
  for (let i = first + 1; i < x.length; i++) x[i] = (x[i]! / largest) * scale;
  return alpha * largest;
}

/** Leaves the eigenvalues in `diagonal`, and turns the rows of `vectors` by all rotations on the way; what is below 1e-16 |T| beside the diagonal counts as 0. */
function* diagonalise(diagonal: Float64Array, off: Float64Array, vectors: Float64Array, n: number): Interruptible<void> {
  const rotations = new Rotations(vectors, n);
  let norm = 0;
  for (let i = 0; i < n; i++) norm = Math.max(norm, Math.abs(diagonal[i]!) + Math.abs(off[i]!));
  const negligible = norm * Number.EPSILON;
  for (let low = 0; low < n; low++) {
    for (;;) {
      let high = low;
      while (high < n - 1 && Math.abs(off[high]!) > negligible) high++;
      if (high === low) break;
      sweep(diagonal, off, rotations, low, high);
      if (rotations.isFull) yield* rotations.apply();
    }
  }
  yield* rotations.apply();
}

/** One implicit QL step on the block low … high. */
function sweep(d: Float64Array, e: Float64Array, rotations: Rotations, low: number, high: number): void {
  const half = (d[low + 1]! - d[low]!) / (2 * e[low]!);
  let g = d[high]! - d[low]! + e[low]! / (half + Math.sign(half || 1) * Math.hypot(half, 1));
  let [sine, cosine, shift] = [1, 1, 0];
  for (let i = high - 1; i >= low; i--) {
    const f = sine * e[i]!;
    const b = cosine * e[i]!;
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1]! -= shift;
      e[high] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    const raised = d[i + 1]! - shift;
    const turn = (d[i]! - raised) * sine + 2 * cosine * b;
    shift = sine * turn;
    d[i + 1] = raised + shift;
    g = cosine * turn - b;
    rotations.add(i, cosine, sine);
  }
  d[low]! -= shift;
  e[low] = g;
  e[high] = 0;
}

/** Rotations of neighbouring rows, gathered and then applied to one panel of columns after the other, each of which stays in the cache. */
class Rotations {
  static readonly #capacity = 1 << 15;
  static readonly #panel = 64;
  readonly #rows = new Uint32Array(Rotations.#capacity);
  readonly #cosines = new Float64Array(Rotations.#capacity);
  readonly #sines = new Float64Array(Rotations.#capacity);
  #count = 0;

  constructor(
    readonly matrix: Float64Array,
    readonly n: number,
  ) {}

  /** Whether another sweep may not find room. */
  get isFull(): boolean {
    return this.#count > Rotations.#capacity - this.n;
  }

  /** Rows x (of this index) and y (the next) become cx − sy and sx + cy. */
  add(row: number, cosine: number, sine: number): void {
    this.#rows[this.#count] = row;
    this.#cosines[this.#count] = cosine;
    this.#sines[this.#count++] = sine;
  }

  *apply(): Interruptible<void> {
    const { matrix, n } = this;
    for (let column = 0; column < n; column += Rotations.#panel) {
      const width = Math.min(Rotations.#panel, n - column);
      for (let k = 0; k < this.#count; k++) {
        const first = this.#rows[k]! * n + column;
        rotate(matrix, first, first + n, width, this.#cosines[k]!, this.#sines[k]!);
      }
      yield;
    }
    this.#count = 0;
  }
}

function rotate(a: Float64Array, x: number, y: number, width: number, c: number, s: number): void {
  for (let i = 0; i < width; i++) {
    const one = a[x + i]!;
    const other = a[y + i]!;
    a[x + i] = c * one - s * other;
    a[y + i] = s * one + c * other;
  }
}

/** Each row s, an eigenvector of T, becomes that of A: H₀ H₁ … s. Four rows at a time, from `first` on, so that four sums are under way. */
function reflectRows(rows: Float64Array, reflectors: Float64Array, n: number, first: number): void {
  const block = [0, 1, 2, 3].map((r) => (first + r < n ? rows.subarray((first + r) * n, (first + r + 1) * n) : new Float64Array(n)));
  const [a, b, c, d] = block as [Float64Array, Float64Array, Float64Array, Float64Array];
  for (let k = n - 2; k >= 0; k--) {
    const v = reflectors.subarray(k * n, (k + 1) * n);
    let [inA, inB, inC, inD] = [0, 0, 0, 0];
    for (let i = k + 1; i < n; i++) {
      const value = v[i]!;
      inA += value * a[i]!;
      inB += value * b[i]!;
      inC += value * c[i]!;
      inD += value * d[i]!;
    }
    for (let i = k + 1; i < n; i++) {
      const value = v[i]!;
      a[i]! -= inA * value;
      b[i]! -= inB * value;
      c[i]! -= inC * value;
      d[i]! -= inD * value;
    }
  }
}
