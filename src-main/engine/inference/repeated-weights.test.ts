/** @file Estimators where a row meets its weights many times, in convolutions and over the steps of a recurrent layer. */
import '../backends'; // registers the gradients of TF.js
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { Architecture } from '../../contract/spec';
import { buildModel } from '../nn/model';
import { sizeOf } from '../numerics/host-tensor';
import type { NoiseSource } from '../numerics/random';
import { likelihoods } from '../probability/likelihoods';
import { priors } from '../probability/priors';
import { makeTarget } from '../probability/target';
import { bayesByBackprop } from './bayes-by-backprop';
import { flipout } from './flipout';
import { localReparametrisation } from './local-reparametrisation';
import type { InferenceMethod } from './method';
import { seededNoise } from './testing';
import { hostBatch, interpret, specsOf, stateInputs, train } from './train-testing';

const rows = 6;
const wave = (shape: number[], phase: number): Tensor =>
  tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(phase + 2.3 * i)),
    shape,
  );

/** One layer of shared weights and a read-out; what each row is to be is known up to noise of sd 0.5. */
function problem(layer: object, input: number[]) {
  const model = buildModel(Architecture.parse({ layers: [layer, { kind: 'flatten' }, { kind: 'output' }] }), input, 1);
  const target = makeTarget({
    parameters: model.parameters,
    forward: (params, x, _key, rule) => model.apply(params, x, rule),
    likelihood: likelihoods.gaussian.build({ noise: 'fixed', sd: 0.5 }, { kind: 'regression', outputs: 1 }),
    priors: Object.fromEntries(model.parameters.map(({ name }) => [name, priors.gaussian.build({ sd: 0.4 })])),
    rows: 50,
  });
  return { target, batch: () => ({ x: wave([rows, ...input], 1), y: wave([rows, 1], 3) }) };
}

/** One SGD step of rate 1 from the state that seed 2 starts with: its gradient by (mean, rho), and the NLL. */
function stepOf(method: InferenceMethod, settings: object, { target, batch }: ReturnType<typeof problem>) {
  const start = { initialisation: 'uniform', initialRange: 0.8, initialRhoLow: -1.5, initialRhoHigh: -0.5 };
  const algorithm = method.build(target, method.settings.parse({ optimiser: 'sgd', learningRate: 1, draws: 1, kl: 'closed-form', ...start, ...settings }));
  const { state } = train(algorithm, batch, 0, () => seededNoise(2, 0));
  const { specs, rows: data } = hostBatch(batch);
  const step = interpret(algorithm.steps['main']!, { state: specsOf(state), batch: specs, hyper: ['learningRate', 'klWeight'] });
  const inputs = { ...stateInputs(state), ...data, 'hyper:learningRate': [1], 'hyper:klWeight': [1] };
  return (source: NoiseSource) => {
    const { state: after, info } = step(inputs, source);
    return { gradient: state.flatMap(([path, { values }]) => values.map((value, i) => value - (after[path]?.[i] ?? value))), nll: info['nll']![0]! };
  };
}

describe.each<[string, object, number[]]>([
  ['a convolution', { kind: 'conv1d', settings: { filters: 2, kernelSize: 2, activation: 'tanh', padding: 'valid' } }, [4, 1]],
  ['an LSTM', { kind: 'lstm', settings: { units: 1 } }, [3, 1]],
])('Flipout of %s', (_name, layer, input) => {
  it('has the mean gradient of plain weight draws, and less variance', () => {
    const steps = 120;
    const task = problem(layer, input);
    const sampleOf = (method: InferenceMethod) => {
      const step = stepOf(method, {}, task);
      return Array.from({ length: steps }, (_, i) => step(seededNoise(3, i)).gradient);
    };
    const moments = (sample: readonly number[][]) =>
      sample[0]!.map((_, i) => {
        const mean = sample.reduce((total, g) => total + g[i]!, 0) / steps;
        return { mean, variance: sample.reduce((total, g) => total + (g[i]! - mean) ** 2, 0) / (steps - 1) };
      });
    const [plain, other] = [sampleOf(bayesByBackprop), sampleOf(flipout)];
    // Both draw the same weights and differ in the signs alone, so that few steps tell much. 3.5 standard errors: some 20 entries are compared.
    moments(plain.map((gradient, s) => gradient.map((value, i) => value - other[s]![i]!))).forEach(({ mean, variance }) =>
      expect(Math.abs(mean)).toBeLessThan(3.5 * Math.sqrt(variance / steps) + 1e-9),
    );
    const total = (sample: readonly number[][]) => moments(sample).reduce((sum, { variance }) => sum + variance, 0);
    expect(total(other) / total(plain)).toBeLessThan(0.8);
  });
});

describe('the factorised-activation approximation', () => {
  const conv = { kind: 'conv1d', settings: { filters: 2, kernelSize: 2, activation: 'linear', padding: 'valid' } };
  const lstm = { kind: 'lstm', settings: { units: 2 } };
  const refusals = (layer: object, settings: object) =>
    localReparametrisation.problems!(problem(layer, [4, 1]).target, localReparametrisation.settings.parse(settings));

  it('is off unless asked for, and the refusal names it', () => {
    expect(refusals(conv, {})).toEqual([expect.stringMatching(/conv1d1\.kernel .*Choose Flipout or Bayes by Backprop, or allow the factorised-activation/)]);
    expect(refusals(lstm, {})).toHaveLength(2);
    expect(refusals(conv, { factorised: true })).toEqual([]);
    expect(refusals(lstm, { factorised: true })).toEqual([]);
    // Peepholes are no affine map: nothing to approximate.
    expect(refusals({ kind: 'lstm', settings: { peephole: true } }, { factorised: true })).toEqual([expect.stringMatching(/lstm1\.peephole .*Choose Bayes/)]);
  });

  it('draws at each place and step once, never the same noise again', () => {
    for (const [layer, draws] of [
      [conv, 2], // all places of the convolution at once, and the read-out
      [lstm, 1 + 3 + 1], // the inputs of four steps at once, three products with the state, and the read-out
    ] as const) {
      const addresses: number[] = [];
      const source = seededNoise(1, 0);
      stepOf(
        localReparametrisation,
        { factorised: true },
        problem(layer, [4, 1]),
      )({
        draw: (kind, address, shape) => (addresses.push(address), source.draw(kind, address, shape)),
      });
      expect(addresses).toHaveLength(draws);
      expect(new Set(addresses).size).toBe(draws);
    }
  });

  it('gives an activation its mean and variance', () => {
    // One place, so that nothing is shared. The NLL is a polynomial of degree 2 in each noise, so that its mean over all signs ±1 is its expectation:
    // over two activations or over five weights. Catches σ for σ², and a bias without noise.
    const task = problem({ ...conv, settings: { ...conv.settings, filters: 1 } }, [2, 1]);
    const expectation = (method: InferenceMethod, settings: object, noises: number, each: 'entry' | 'tensor') => {
      const step = stepOf(method, settings, task);
      const signs = (pattern: number): NoiseSource => {
        let next = 0;
        const sign = () => ((pattern >> next++) & 1 ? 1 : -1);
        return {
          draw(_kind, _address, shape) {
            const all = each === 'tensor' ? sign() : 0;
            return tensor(
              Float32Array.from({ length: sizeOf(shape) }, () => all || sign()),
              [...shape],
            );
          },
        };
      };
      const patterns = 2 ** noises;
      return Array.from({ length: patterns }, (_, pattern) => step(signs(pattern)).nll).reduce((a, b) => a + b) / patterns;
    };
    expect(expectation(localReparametrisation, { factorised: true }, 2, 'tensor')).toBeCloseTo(expectation(bayesByBackprop, {}, 5, 'entry'), 6);
  });
});
