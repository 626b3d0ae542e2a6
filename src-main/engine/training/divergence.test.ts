import { describe, expect, it } from 'vitest';
import { float32, int32 } from '../numerics/host-tensor';
import { EnergyWatch, requireFiniteState, requireFiniteTerms } from './divergence';

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
    'Use a smaller step size, such as 0.0001 (now stepSize 0.0003, noise 0.01); the last checkpoint before it is kept, and the good draws.',
  );
});

it('finds one bad weight among good ones', () => {
  const w = new Float32Array(1000).fill(0.1);
  w[777] = Infinity;
  expect(() => requireFiniteState({ 'mean/dense1.kernel': float32([1000], w) }, place)).toThrow('mean/dense1.kernel holds ∞');
});

describe('the energy of a chain', () => {
  /** Judges one energy after the other, and tells the last sound state. */
  const watch = (energies: readonly number[], coordinates = 1) => {
    const energy = new EnergyWatch(coordinates);
    energies.forEach((value, i) => energy.judge(value, { step: 5 + i, epoch: 0, hyper: { stepSize: 0.3 }, sound: energy.sound }));
    return energy.sound;
  };
  const constant = (value: number, steps: number) => new Array<number>(steps).fill(value);

  it('may fall, fluctuate, and be far away for a batch of strange rows', () => {
    expect(watch([2, 1.5, -3, 4.9, 4.9])).toBe(8); // a rise of less than |2| + 1, before the fifth step
    expect(watch([2, ...constant(1e6, 19), 2, ...constant(1e6, 19)])).toBe(24);
    expect(watch(constant(300, 50).with(0, 2))).toBe(4); // hot, but not far away
    expect(watch([2, ...constant(1e6, 40)], 1e6)).toBe(44); // many weights and few rows: their own energy
  });

  it('says where it was left, and what step to take', () => {
    const rising = [2, 2.5, 10, 100, ...constant(5e10, 20)];
    expect(() => watch(rising)).toThrow(
      expect.objectContaining({
        code: 'diverged',
        message:
          'Training diverged at step 28 in epoch 1: the potential energy rose from 2 to 50000000000 nats per row. Use a smaller step size, such as 0.1 (now stepSize 0.3); the last checkpoint before it is kept, and the good draws.',
        details: { step: 28, epoch: 0, sound: 5, potential: '50000000000' },
      }),
    );
    expect(() => watch(rising.slice(0, -1))).not.toThrow();
  });
});
