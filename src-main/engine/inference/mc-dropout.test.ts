/** @file MC dropout: masks of each row by hand, the ridge regression it is on a linear model, its draws, and what it refuses. */
import { matMul, scalar, tensor, tensor1d, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { Architecture } from '../../contract/spec';
import { withWeights } from '../numerics/affine';
import { sizeOf } from '../numerics/host-tensor';
import type { NoiseSource } from '../numerics/random';
import { buildModel } from '../nn/model';
import { likelihoods } from '../probability/likelihoods';
import { priors } from '../probability/priors';
import { makeTarget } from '../probability/target';
import { mcDropout } from './mc-dropout';
import { conjugateBatch, conjugateTarget, read, seededNoise } from './testing';

const product = (x: Tensor, kernel: Tensor): Tensor => matMul(x, kernel);
/** Linear chain 2 → 2 → 1 without biases, noise sd 1, flat prior. */
const chain = (affine?: 'once') =>
  makeTarget({
    parameters: ['first', 'second'].map((name, layer) => ({
      name,
      shape: [2, 2 - layer],
      role: 'kernel' as const,
      fanIn: 2,
      fanOut: 2 - layer,
      bayesian: true,
      layer,
      ...(affine && { affine }),
    })),
    forward: (params, x, _key, rule = withWeights(params)) =>
      rule({ kernel: 'second', bias: 'none', product }, rule({ kernel: 'first', bias: 'none', product }, x)),
    likelihood: likelihoods.gaussian.build({ noise: 'fixed', sd: 1 }, { kind: 'regression', outputs: 1 }),
    priors: { first: priors.flat.build({}), second: priors.flat.build({}) },
    rows: 2,
  });
const build = (target: ReturnType<typeof makeTarget>, settings: object) =>
  mcDropout.build(target, mcDropout.settings.parse({ optimiser: 'sgd', learningRate: 1, ...settings }));
/** The same uniforms for every draw, over and over. */
const uniforms = (...values: number[]): NoiseSource => ({
  draw: (_kind, _address, shape) =>
    tensor(
      Float32Array.from({ length: sizeOf(shape) }, (_, i) => values[i % values.length]!),
      [...shape],
    ),
});
const array = (value: Tensor): number[] => [...value.dataSync()];

describe('MC dropout', () => {
  it('masks the hidden units of each row by itself, and scales what remains', () => {
    // Weights: first = [[1, 0], [0, 1]], second = [2, 3]. Rows (1, 1) and (1, 1); row 1 keeps unit 1 only, row 2 unit 2 only,
    // scaled by 1/(1 − .75) = 4: outputs 8 and 12, targets 0: ½ (64 + 144) / 2 rows + ½ log 2π = 52 + .918939.
    const nll = read(() => {
      const state = { params: { first: tensor([1, 0, 0, 1], [2, 2]), second: tensor([2, 3], [2, 1]) }, optimiser: {} };
      const batch = { x: tensor([1, 1, 1, 1], [2, 2]), y: tensor([0, 0], [2, 1]) };
      const key = { source: uniforms(0.2, 0.3, 0.9, 0.1), address: 0 }; // below .25 is kept
      return array(build(chain('once'), { rate: 0.75 }).steps['main']!(state, batch, key, { learningRate: scalar(1) }).info['nll']!)[0]!;
    });
    expect(nll).toBeCloseTo(52 + 0.5 * Math.log(2 * Math.PI), 4);
  });

  it('is at rest, on a linear model, at the ridge regression that dropping inputs amounts to', () => {
    // E over masks of ½ · 25 ‖y − X diag(m) w‖² is its value without masks + ½ · 25 p/(1−p) Σ wᵢ² (XᵀX)ᵢᵢ. With XᵀX = [[4, 6], [6, 14]],
    // Xᵀy = [6, 13.8], p = ½ and the prior's I: [[201, 150], [150, 701]] w = [150, 345].
    const determinant = 201 * 701 - 150 * 150;
    const w = [(150 * 701 - 150 * 345) / determinant, (201 * 345 - 150 * 150) / determinant];
    const algorithm = build(conjugateTarget(), { inputRate: 0.5 });
    const gradients = [
      [0.2, 0.2],
      [0.2, 0.7],
      [0.7, 0.2],
      [0.7, 0.7],
    ].map((pair) =>
      read(() => {
        const state = { params: { w: tensor(w, [2, 1]) }, optimiser: {} };
        const { params } = algorithm.steps['main']!(state, conjugateBatch(), { source: uniforms(...pair), address: 0 }, { learningRate: scalar(1) })
          .state! as typeof state;
        return array(params.w).map((after, i) => w[i]! - after);
      }),
    );
    for (const i of [0, 1]) {
      expect(Math.max(...gradients.map((gradient) => Math.abs(gradient[i]!)))).toBeGreaterThan(0.5); // no mask alone is at rest
      expect(Math.abs(gradients.reduce((total, gradient) => total + gradient[i]! / 4, 0))).toBeLessThan(1e-5);
    }
  });

  it('draws weights whose kernels lack the rows of dropped units, with the mean that it trained', () => {
    const draws = 200;
    const algorithm = build(chain('once'), { rate: 0.3 });
    const sums = [0, 0];
    let dropped = 0;
    for (let s = 0; s < draws; s++)
      read(() => {
        const state = { params: { first: tensor([1, 2, 3, 4], [2, 2]), second: tensor([5, 6], [2, 1]), level: tensor1d([7]) }, optimiser: {} };
        const draw = algorithm.draw(state, { source: seededNoise(1, s), address: 0 }, scalar(s, 'int32'));
        expect(array(draw['first']!)).toEqual([1, 2, 3, 4]); // inputs are not dropped
        expect(array(draw['level']!)).toEqual([7]);
        array(draw['second']!).forEach((value, i) => {
          if (value === 0) dropped++;
          else expect(value).toBeCloseTo([5, 6][i]! / 0.7, 4);
          sums[i]! += value / draws;
        });
      });
    // Standard errors: of the share √(.3 · .7 / 400) = .023, of the means w √(.3/.7/200) = .046 w.
    expect(Math.abs(dropped / (2 * draws) - 0.3)).toBeLessThan(0.07);
    sums.forEach((mean, i) => expect(Math.abs(mean / [5, 6][i]! - 1)).toBeLessThan(0.14));
  });

  it('predicts with a draw what its masked network would, the mask shared by all rows', () => {
    const settings = { rate: 0.5, inputRate: 0.5 };
    const source = uniforms(0.9, 0.1); // drops the first input and the first hidden unit of every row
    const output = read(() => {
      const state = { params: { first: tensor([1, 2, 3, 4], [2, 2]), second: tensor([5, 6], [2, 1]) }, optimiser: {} };
      const target = chain('once');
      const draw = build(target, settings).draw(state, { source, address: 0 }, scalar(0, 'int32'));
      return array(target.forward(draw, tensor([1, 10, 2, 20], [2, 2]), { source, address: 0 }));
    });
    // Row 1: input (0, 20) → hidden unit 2 is 20 · 4 = 80, kept and doubled: 160 · 6 = 960; row 2 twice that.
    expect(output).toEqual([960, 1920]);
  });

  it('means the same masks in training and in a draw, for every layer with an affine map', () => {
    // Every tensor of uniforms drops its odd channels, so that all rows share the masks of the draw. Catches a kernel masked along another axis.
    const layers = [
      { kind: 'conv2d', settings: { filters: 4, activation: 'tanh' } },
      { kind: 'conv-transpose2d', settings: { filters: 6, activation: 'tanh' } },
      { kind: 'flatten' },
      { kind: 'dense', settings: { units: 2, activation: 'tanh' } },
      { kind: 'output' },
    ];
    const model = buildModel(Architecture.parse({ layers }), [4, 4, 2], 1);
    const target = makeTarget({
      parameters: model.parameters,
      forward: (params, x, _key, rule) => model.apply(params, x, rule),
      likelihood: likelihoods.gaussian.build({ noise: 'fixed', sd: 1 }, { kind: 'regression', outputs: 1 }),
      priors: Object.fromEntries(model.parameters.map(({ name }) => [name, priors.flat.build({})])),
      rows: 3,
    });
    const algorithm = build(target, { inputRate: 0.5 });
    const [training, drawn] = read(() => {
      const wave = (shape: readonly number[]) =>
        tensor(
          Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1 + 1.3 * i)),
          [...shape],
        );
      const state = { params: Object.fromEntries(model.parameters.map(({ name, shape }) => [name, wave(shape)])), optimiser: {} };
      const key = { source: uniforms(0.9, 0.1), address: 0 };
      const batch = { x: wave([3, 4, 4, 2]), y: wave([3, 1]) };
      const { info } = algorithm.steps['main']!(state, batch, key, { learningRate: scalar(1) });
      return [array(info['nll']!)[0]!, -array(target.logLikelihood(algorithm.draw(state, key, scalar(0, 'int32')), batch, key))[0]! / 3];
    });
    expect(training).toBeGreaterThan(1);
    expect(drawn! / training!).toBeCloseTo(1, 4);
  });

  it('refuses to drop nothing, and layers that it cannot reach, by name', () => {
    const problems = (target: ReturnType<typeof makeTarget>, settings: object) => mcDropout.problems!(target, mcDropout.settings.parse(settings));
    expect(problems(chain('once'), {})).toEqual([]);
    expect(problems(chain('once'), { rate: 0 })[0]).toMatch(/choose MAP/);
    expect(problems(conjugateTarget(), {})[0]).toMatch(/add a hidden layer/);
    expect(problems(chain(), {})).toEqual([expect.stringMatching(/before first, .* Bayes by Backprop/), expect.stringMatching(/before second/)]);
  });
});
