import { expect, it } from 'vitest';
import { float32, int32 } from '../numerics/host-tensor';
import { requireFiniteState, requireFiniteTerms } from './divergence';

const place = () => ({ step: 412, epoch: 2, hyper: { learningRate: 0.5 } });

it('lets finite numbers pass', () => {
  requireFiniteTerms(['nll', 'kl'], [1, -2], place);
  requireFiniteState({ w: float32([2], Float32Array.of(3e38, -3e38)), order: int32([1]) }, place);
});

it('names the term, the step, the epoch and the learning rate', () => {
  expect(() => requireFiniteTerms(['nll', 'kl'], [NaN, 3], place)).toThrow(
    expect.objectContaining({
      code: 'diverged',
      message:
        'Training diverged at step 412 in epoch 3: nll = NaN. Use a smaller learning rate (now learningRate 0.5) or a smaller initial spread; the last checkpoint before it is kept.',
      details: { step: 412, epoch: 2, terms: 'nll = NaN, kl = 3' },
    }),
  );
});

it('suggests a step size to samplers', () => {
  expect(() => requireFiniteTerms(['nll'], [Infinity], () => ({ step: 9, epoch: 0, hyper: { stepSize: 3e-4, noise: 0.01 } }))).toThrow(
    'Use a smaller step size, such as 0.0001 (now stepSize 0.0003, noise 0.01); the last checkpoint before it is kept, and the draws up to it.',
  );
});

it('finds one bad weight among good ones', () => {
  const w = new Float32Array(1000).fill(0.1);
  w[777] = Infinity;
  expect(() => requireFiniteState({ 'mean/dense1.kernel': float32([1000], w) }, place)).toThrow('mean/dense1.kernel holds ∞');
});
