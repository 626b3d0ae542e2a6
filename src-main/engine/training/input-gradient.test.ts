import { add, concat, logSoftmax, matMul, mul, oneHot, softmax, sum, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { openDevice } from '../backends';
import { float32 } from '../numerics/host-tensor';
import { fold, normal } from '../numerics/random';
import type { BayesianModel } from './bayesian-model';
import { GradientAccumulator } from './gradient-accumulator';
import { StateDraws } from './draw-source';
import { DevicePosterior } from './predictive';

const refuse = () => {
  throw new Error('not asked for in this test');
};
/** Two classes with logits [w₀ x₀ + w₁ x₁, 0], w ~ N((2, −1), 0.5²). */
const logits = (x: Tensor, w: Tensor) => {
  const score = matMul(x, w);
  return concat([score, mul(score, 0)], 1);
};
const model: BayesianModel = {
  data: { task: { kind: 'classification', outputs: 2 }, inputShape: [2], rows: 1 },
  size: 2,
  activations: 4,
  together: false,
  identity: 'plane',
  method: { id: 'plane', title: 'Plane', randomDraws: true, metrics: [] },
  target: {
    parameters: [{ name: 'plane.w', shape: [2, 1], role: 'kernel', fanIn: 2, fanOut: 1, bayesian: true, layer: 0 }],
    rows: 1,
    task: 'classification',
    prior: {},
    forward: (params, x) => logits(x, params['plane.w']!),
    perRowLogLikelihood: refuse,
    logLikelihood: refuse,
    logPrior: refuse,
    fit: refuse,
  },
  likelihood: {
    task: 'classification',
    outputs: 2,
    parameters: [],
    logDensity: (outputs, y) => sum(mul(oneHot(y, 2), logSoftmax(outputs)), -1),
    predict: (outputs) => ({ probabilities: softmax(outputs) }),
  },
  algorithm: {
    init: refuse,
    steps: {},
    schedule: refuse,
    draw: ({ mean }, key) => ({ 'plane.w': add(mean as Tensor, mul(normal(fold(key, 'w'), [2, 1]), 0.5)) }),
  },
};
const draws = 5;
const seed = 3;

describe.each(['tfjs-cpu', 'onnxruntime-cpu'])('the gradient by the input on %s', async (backend) => {
  const device = await openDevice(backend, { threads: 1 });
  const posterior = new DevicePosterior(model, device, new StateDraws(model, device, device.upload({ mean: float32([2, 1], Float32Array.of(2, -1)) })));
  const rows = 1003; // two launches, the second of three rows
  const x = Float32Array.from({ length: 2 * rows }, (_, i) => ((i * 7919) % 401) / 200 - 1);
  const y = Int32Array.from({ length: rows }, (_, i) => i % 2);

  /** The weights of each draw, read off its probabilities at the unit vectors. */
  async function weights() {
    const found: (readonly [number, number])[] = [];
    let before = [0, 0];
    for (let s = 1; s <= draws; s++) {
      const { probabilities } = await posterior.classify(Float32Array.of(1, 0, 0, 1), 2, { draws: s, seed });
      const sums = [s * probabilities[0]!, s * probabilities[2]!];
      const [p, q] = [sums[0]! - before[0]!, sums[1]! - before[1]!];
      found.push([Math.log(p / (1 - p)), Math.log(q / (1 - q))]);
      before = sums;
    }
    return found;
  }

  // Mutations caught: a wrong sign, the two losses confused, draws weighted wrongly, rows of the last launch misplaced.
  it.each(['mean-predictive', 'mean-loss'] as const)('is the slope of %s, by central differences in float64', async (loss) => {
    const gradient = await posterior.inputGradient(x, y, { draws, seed, loss });
    const w = await weights();
    const lossAt = (a: number, b: number, label: number) => {
      const p = w.map(([u, v]) => 1 / (1 + Math.exp((label === 0 ? -1 : 1) * (u * a + v * b))));
      const mean = (values: number[]) => values.reduce((total, value) => total + value, 0) / draws;
      return loss === 'mean-predictive' ? -Math.log(mean(p)) : mean(p.map((value) => -Math.log(value)));
    };
    const h = 1e-5;
    for (const row of [0, 1, 500, 999, 1000, 1002]) {
      const [a, b, label] = [x[2 * row]!, x[2 * row + 1]!, y[row]!];
      expect(gradient[2 * row]).toBeCloseTo((lossAt(a + h, b, label) - lossAt(a - h, b, label)) / (2 * h), 4);
      expect(gradient[2 * row + 1]).toBeCloseTo((lossAt(a, b + h, label) - lossAt(a, b - h, label)) / (2 * h), 4);
    }
  });
});

it('weighs draws by their probability, even where all of them underflow', () => {
  const far = new GradientAccumulator(1, 1, 'mean-predictive');
  far.add(0, 1, Float32Array.of(-2000), Float32Array.of(1));
  far.add(0, 1, Float32Array.of(-2000 + Math.log(3)), Float32Array.of(5));
  expect(far.result()[0]).toBeCloseTo(-(1 + 3 * 5) / 4, 3);
});
