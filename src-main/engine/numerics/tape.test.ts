/** @file Gradients of gradients, of operations that keep their own result for the way back: TF.js alone loses a part. */
import '../backends'; // registers the gradients of TF.js
import { grad, logSoftmax, mul, scalar, sigmoid, slice, sum, tanh, tensor1d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { valuesAndGrad } from './autodiff';

/** Σ f′(x)² by x, which is 2 f′(x) f″(x). */
const slope = (f: (x: Tensor) => Tensor, x: Tensor): number[] =>
  tidy(() => [
    ...valuesAndGrad(
      (params) => {
        const first = grad(f)(params['x']!);
        return { squares: sum(mul(first, first)) };
      },
      { squares: scalar(1) },
      { x },
    ).grads['x']!.dataSync(),
  ]);

describe('the tape', () => {
  it.each([
    ['tanh', (x: Tensor) => tanh(x), (x: number) => ({ first: 1 - Math.tanh(x) ** 2, second: -2 * Math.tanh(x) * (1 - Math.tanh(x) ** 2) })],
    [
      'sigmoid',
      (x: Tensor) => sigmoid(x),
      (x: number) => {
        const s = 1 / (1 + Math.exp(-x));
        return { first: s * (1 - s), second: s * (1 - s) * (1 - 2 * s) };
      },
    ],
  ] as const)('takes the gradient of a gradient of %s', (_name, f, exact) => {
    const x = [-1.2, 0.3, 2];
    const expected = x.map((value) => 2 * exact(value).first * exact(value).second);
    slope(f, tensor1d(x)).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
  });

  it('and of a softmax, whose entries depend on each other', () => {
    // f = log p₀: ∂f/∂z = e₀ − p, Σ (e₀ − p)² by z_k = −2 Σ_j (e₀ − p)_j p_j (δ_jk − p_k).
    const z = [0.5, -1, 0.2];
    const total = z.reduce((s, value) => s + Math.exp(value), 0);
    const p = z.map((value) => Math.exp(value) / total);
    const difference = p.map((value, j) => Number(j === 0) - value);
    const expected = z.map((_, k) => -2 * p.reduce((s, value, j) => s + difference[j]! * value * (Number(j === k) - p[k]!), 0));
    const found = slope((x) => slice(logSoftmax(x), 0, 1), tensor1d(z));
    found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  });
});
