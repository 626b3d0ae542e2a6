/** @file Bernoulli, Student t and β-NLL against scipy's densities, with members and gradients. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { grads, setBackend, stack, sum, tensor1d, tensor2d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { likelihoods } from './likelihoods';

beforeAll(() => setBackend('cpu'));

const values = (f: () => Tensor): number[] => tidy(() => [...f().dataSync()]);
const closeTo = (actual: readonly number[], expected: readonly number[], digits = 5) => {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, digits));
};

describe('Bernoulli likelihood', () => {
  const likelihood = likelihoods.bernoulli.build({}, { kind: 'classification', outputs: 2 });
  const logits = () => tensor2d([[1.3], [1.3], [-30]]);
  const y = () => tensor1d([1, 0, 0], 'int32');

  it('is that of scipy.stats.bernoulli, stable for large logits', () => {
    closeTo(
      values(() => likelihood.logDensity(logits(), y(), {})),
      [-0.24100845383299221, -1.5410084538329922, -9.357622968839737e-14],
    );
    expect(likelihood.outputs).toBe(1);
  });
  it('predicts both classes, and takes members', () => {
    const p = 1 / (1 + Math.exp(-1.3));
    closeTo(values(() => likelihood.predict(logits(), {})['probabilities']!).slice(0, 2), [1 - p, p]);
    const members = () => stack([logits(), logits()]);
    expect(tidy(() => likelihood.logDensity(members(), y(), {}).shape)).toEqual([2, 3]);
    expect(tidy(() => likelihood.predict(members(), {})['probabilities']!.shape)).toEqual([2, 3, 2]);
  });
});

describe('Student t likelihood', () => {
  const task = { kind: 'regression', outputs: 2 } as const;

  it('sums the densities of scipy.stats.t(df=4) over the targets', () => {
    const likelihood = likelihoods['student-t'].build({ degrees: 4, noise: 'learnt', sd: 1 }, task);
    const params = () => ({ 'likelihood.logNoise': tensor1d([Math.log(0.3), Math.log(2)]) });
    closeTo(
      values(() => likelihood.logDensity(tensor2d([[0.2, -0.7]]), tensor2d([[1, -1]]), params())),
      [-2.3309845675157437 - 1.6879995304829478],
    );
    expect(likelihood.degrees).toBe(4);
    // The scale is not the standard deviation.
    expect(values(() => likelihood.predict(tensor2d([[0.2, -0.7]]), params())['sd']!)[0]).toBeCloseTo(0.4242640687119285, 5);
  });
});

describe('β-NLL', () => {
  const task = { kind: 'regression', outputs: 1 } as const;
  const outputs = () => tensor2d([[0.2, Math.log(0.5)]]);
  const y = () => tensor2d([[1]]);
  const densityOf = (beta: number) => (o: Tensor) => likelihoods['beta-nll'].build({ beta }, task).logDensity(o, y(), {});
  const gradient = (beta: number) => values(() => grads((o) => sum(densityOf(beta)(o!)))([outputs()])[0]!);

  it('has the value of the Gaussian, and its gradient times s^{2β}', () => {
    const gaussian = likelihoods.gaussian.build({ noise: 'per-input', sd: 1 }, task);
    const plain = values(() => gaussian.logDensity(outputs(), y(), {}));
    for (const beta of [0, 0.5, 1])
      closeTo(
        values(() => densityOf(beta)(outputs())),
        plain,
      );
    // ∂/∂μ = (y − μ)/s², ∂/∂log s = (y − μ)²/s² − 1, at y − μ = 0.8, s = 0.5
    const exact = [0.8 / 0.25, 0.64 / 0.25 - 1];
    closeTo(gradient(0), exact);
    closeTo(
      gradient(0.5),
      exact.map((g) => g * 0.5),
    );
    closeTo(gradient(1), [0.8, 0.64 - 0.25]);
  });
});
