import { describe, expect, it } from 'vitest';
import { atOnce } from './interruptible';
import { symmetricEigen } from './symmetric-eigen';

/** Largest entry of Vᵀ Λ V − A and of V Vᵀ − I. */
function errors(a: Float64Array, n: number): { readonly residual: number; readonly orthogonality: number } {
  const { values, vectors } = atOnce(symmetricEigen(a, n));
  let [residual, orthogonality] = [0, 0];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let [entry, product] = [0, 0];
      for (let k = 0; k < n; k++) {
        entry += values[k]! * vectors[k * n + i]! * vectors[k * n + j]!;
        product += vectors[i * n + k]! * vectors[j * n + k]!;
      }
      residual = Math.max(residual, Math.abs(entry - a[i * n + j]!));
      orthogonality = Math.max(orthogonality, Math.abs(product - Number(i === j)));
    }
  return { residual, orthogonality };
}

/** B Bᵀ of an n × rank matrix of waves. */
const gramOf = (n: number, rank: number): Float64Array => {
  const b = Float64Array.from({ length: n * rank }, (_, i) => Math.sin(1 + 1.7 * i + 0.01 * i * i));
  return Float64Array.from({ length: n * n }, (_, i) => {
    let total = 0;
    for (let k = 0; k < rank; k++) total += b[Math.floor(i / n) * rank + k]! * b[(i % n) * rank + k]!;
    return total;
  });
};

describe('eigenvalues of a symmetric matrix', () => {
  it('finds those of the second difference, 2 − 2 cos(π k/(n + 1))', () => {
    const n = 70; // more than one panel of columns, and not a multiple of four rows
    const a = Float64Array.from({ length: n * n }, (_, i) => [2, -1][Math.abs(Math.floor(i / n) - (i % n))] ?? 0);
    const values = [...atOnce(symmetricEigen(a, n)).values].sort((x, y) => x - y);
    values.forEach((value, k) => expect(value).toBeCloseTo(2 - 2 * Math.cos((Math.PI * (k + 1)) / (n + 1)), 13));
    expect(errors(a, n).residual).toBeLessThan(1e-13);
  });

  // numpy.linalg.eigvalsh
  it('finds those of the Hilbert matrix of order 5 that numpy finds', () => {
    const a = Float64Array.from({ length: 25 }, (_, i) => 1 / (Math.floor(i / 5) + (i % 5) + 1));
    const values = [...atOnce(symmetricEigen(a, 5)).values].sort((x, y) => x - y);
    const numpy = [3.2879287722e-6, 3.0589804015e-4, 1.1407491623e-2, 0.20853421861, 1.567050691];
    values.forEach((value, k) => expect(Math.abs(value - numpy[k]!)).toBeLessThan(1e-10));
  });

  it.each([
    ['of one entry', Float64Array.of(3), 1],
    ['of zeros', new Float64Array(9), 3],
    ['that is diagonal', Float64Array.of(2, 0, 0, -1), 2],
    ['with equal eigenvalues', Float64Array.from({ length: 49 }, (_, i) => 1 + 4 * Number(i % 8 === 0)), 7],
    ['without full rank', gramOf(40, 9), 40],
    ['of full rank', gramOf(75, 90), 75],
    ['of tiny entries', gramOf(20, 30).map((value) => 1e-30 * value), 20],
  ] as const)('puts a matrix %s together again', (_name, a, n) => {
    const { residual, orthogonality } = errors(a, n);
    const size = a.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-300);
    expect(residual / size).toBeLessThan(1e-13 * n);
    expect(orthogonality).toBeLessThan(1e-13 * n);
  });

  // Mutation caught: of squares near 1e-322, 2 over them is infinite. Columns that are equal leave such remains.
  it('stands entries whose squares underflow', () => {
    const small = 1e-161;
    const a = Float64Array.of(2, 0, 0, 0, 0, small, small, 2 * small, 0, small, 3 * small, small, 0, 2 * small, small, 4 * small);
    const { residual, orthogonality } = errors(a, 4);
    expect(residual).toBeLessThan(1e-15);
    expect(orthogonality).toBeLessThan(1e-14);
  });
});
