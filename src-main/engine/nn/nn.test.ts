/** @file Networks: shapes, names and faults of architectures; the maths of layers by hand; members stacked and separate; the presets. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { grads, mul, setBackend, stack, sum, tensor, tidy, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { WorkbenchError } from '../../contract/errors';
import { Architecture } from '../../contract/spec';
import { withWeights } from '../numerics/affine';
import { sizeOf } from '../numerics/host-tensor';
import { mapParams, type Params } from '../numerics/tree';
import { Activation, activations } from './activations';
import { buildModel } from './model';
import { presets } from './presets';

beforeAll(() => setBackend('cpu'));

const values = (f: () => Tensor): number[] => tidy(() => [...f().dataSync()]);
const architecture = (...layers: object[]) => Architecture.parse({ layers });
/** Distinct, reproducible values in ±1. */
const filled = (shape: readonly number[], phase = 0) =>
  tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1 + phase + 0.7 * i)),
    [...shape],
  );

describe('buildModel', () => {
  const model = buildModel(
    architecture({ kind: 'flatten' }, { kind: 'dense', settings: { units: 4 } }, { kind: 'dense', settings: { units: 3, bias: false } }, { kind: 'output' }),
    [2, 3],
    5,
  );

  it('names, shapes and places the parameters', () => {
    expect(model.parameters.map(({ name, shape, fanIn, layer }) => ({ name, shape, fanIn, layer }))).toEqual([
      { name: 'dense1.kernel', shape: [6, 4], fanIn: 6, layer: 1 },
      { name: 'dense1.bias', shape: [4], fanIn: 6, layer: 1 },
      { name: 'dense2.kernel', shape: [4, 3], fanIn: 4, layer: 2 },
      { name: 'output.kernel', shape: [3, 5], fanIn: 3, layer: 3 },
      { name: 'output.bias', shape: [5], fanIn: 3, layer: 3 },
    ]);
    expect(model.layers.map(({ name, input, output }) => ({ name, input, output }))).toEqual([
      { name: 'flatten1', input: [2, 3], output: [6] },
      { name: 'dense1', input: [6], output: [4] },
      { name: 'dense2', input: [4], output: [3] },
      { name: 'output', input: [3], output: [5] },
    ]);
  });

  it('computes what the layers say', () => {
    // One unit by hand: relu(1·2 + 3·(−1) + 0.5) = 0 and relu(1·0.5 + 3·1 − 1) = 2.5; output 2·0 − 4·2.5 + 1 = −9.
    const tiny = buildModel(architecture({ kind: 'dense', settings: { units: 2 } }, { kind: 'output' }), [2], 1);
    const params = () => ({
      'dense1.kernel': tensor([
        [2, 0.5],
        [-1, 1],
      ]),
      'dense1.bias': tensor([0.5, -1]),
      'output.kernel': tensor([[2], [-4]]),
      'output.bias': tensor([1]),
    });
    expect(values(() => tiny.apply(params(), tensor([[1, 3]])))).toEqual([-9]);
  });

  it('gives K stacked members what K separate networks give, gradients too', () => {
    const parameters = (phase: number): Params => Object.fromEntries(model.parameters.map(({ name, shape }, i) => [name, filled(shape, phase + i)]));
    const x = () => filled([2, 2, 3]);
    const both = () => mapParams((_name, a, b) => stack([a, b]), parameters(0), parameters(9));
    const apart = [...values(() => model.apply(parameters(0), x())), ...values(() => model.apply(parameters(9), x()))];
    expect(tidy(() => model.apply(both(), x()).shape)).toEqual([2, 2, 5]);
    values(() => model.apply(both(), x())).forEach((value, i) => expect(value).toBeCloseTo(apart[i]!, 5));
    // By the inputs: the gradient of the members' sum is the sum of the members' gradients.
    const byInput = (params: () => Params) => values(() => grads((input) => sum(model.apply(params(), input!)))([x()])[0]!);
    const separate = [byInput(() => parameters(0)), byInput(() => parameters(9))];
    byInput(both).forEach((value, i) => expect(value).toBeCloseTo(separate[0]![i]! + separate[1]![i]!, 5));
  });

  it('hands every affine map to the rule, with its parameters by name, and keeps the activations', () => {
    const seen: string[] = [];
    const params = (): Params => Object.fromEntries(model.parameters.map(({ name, shape }, i) => [name, filled(shape, i)]));
    const output = values(() => {
      const weights = params();
      // A rule that doubles each pre-activation: relu commutes with it, so three maps make 2³ where the biases are left out.
      const linear = withWeights({ ...weights, 'dense1.bias': zeros([4]), 'output.bias': zeros([5]) });
      return model.apply(weights, filled([2, 2, 3]), (map, x) => (seen.push(map.kernel, map.bias), mul(linear(map, x), 2)));
    });
    const plain = values(() => model.apply({ ...params(), 'dense1.bias': zeros([4]), 'output.bias': zeros([5]) }, filled([2, 2, 3])));
    expect(seen).toEqual(['dense1.kernel', 'dense1.bias', 'dense2.kernel', 'dense2.bias', 'output.kernel', 'output.bias']);
    output.forEach((value, i) => expect(value).toBeCloseTo(8 * plain[i]!, 4));
    expect(model.parameters.every(({ affine }) => affine === 'once')).toBe(true);
  });

  it.each([
    [
      'an image without flatten',
      [{ kind: 'dense' }, { kind: 'output' }],
      'shape-mismatch',
      0,
      'Layer 1 (dense): it expects rows of shape [features] but gets [2, 3]; put a flatten layer before it.',
    ],
    ['no output layer', [{ kind: 'flatten' }, { kind: 'dense' }], 'invalid-spec', 1, 'Layer 2 (dense): the last layer must be an output layer; add one.'],
    ['an output layer in between', [{ kind: 'flatten' }, { kind: 'output' }, { kind: 'output' }], 'invalid-spec', 1, 'an output layer can only be the last'],
    ['an unknown layer', [{ kind: 'flatten' }, { kind: 'conv' }, { kind: 'output' }], 'invalid-spec', 1, 'choose one of flatten, dense, conv2d'],
    ['a setting out of range', [{ kind: 'flatten' }, { kind: 'dense', settings: { units: 0 } }, { kind: 'output' }], 'invalid-spec', 1, 'units'],
    ['an unknown setting', [{ kind: 'flatten' }, { kind: 'dense', settings: { width: 3 } }, { kind: 'output' }], 'invalid-spec', 1, 'width'],
  ])('refuses %s at its layer, with advice', (_name, layers, code, layer, message) => {
    const build = () => buildModel(architecture(...layers), [2, 3], 5);
    expect(build).toThrow(message);
    try {
      build();
    } catch (error) {
      expect(error).toBeInstanceOf(WorkbenchError);
      expect(error).toMatchObject({ code, details: { layer } });
    }
  });
});

describe('activations', () => {
  const exact: { readonly [name in Activation]: (x: number) => number } = {
    relu: (x) => Math.max(0, x),
    tanh: Math.tanh,
    sigmoid: (x) => 1 / (1 + Math.exp(-x)),
    elu: (x) => (x > 0 ? x : Math.expm1(x)),
    'leaky-relu': (x) => (x > 0 ? x : 0.01 * x),
    // The constants of Klambauer et al. (2017), eq. 14
    selu: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
    // x Φ(x), Φ by Simpson's rule from −12
    gelu(x) {
      const n = 2000;
      const h = (x + 12) / n;
      let area = 0;
      for (let i = 0; i <= n; i++) area += (i % n === 0 ? 1 : i % 2 ? 4 : 2) * Math.exp(-0.5 * (i * h - 12) ** 2);
      return (x * area * h) / 3 / Math.sqrt(2 * Math.PI);
    },
    softplus: (x) => Math.log1p(Math.exp(x)),
    linear: (x) => x,
  };
  it.each(Activation.options)('%s has its values and slopes', (name) => {
    const points = [-3, -0.5, 0.2, 4];
    const h = 1e-4;
    values(() => activations[name](tensor([...points, 0]))).forEach((value, i) => expect(value).toBeCloseTo(exact[name]([...points, 0][i]!), 5));
    values(() => grads((x) => sum(activations[name](x!)))([tensor(points)])[0]!).forEach((slope, i) =>
      expect(slope).toBeCloseTo((exact[name](points[i]! + h) - exact[name](points[i]! - h)) / (2 * h), 4),
    );
  });
});

describe('presets', () => {
  it.each(presets.map((preset) => [preset.id, preset] as const))('%s builds on images; without convolutions on features too', (_id, { architecture }) => {
    expect(() => buildModel(architecture, [28, 28], 10)).not.toThrow();
    const features = () => buildModel(architecture, [13], 1);
    if (architecture.layers.some(({ kind }) => kind === 'conv2d'))
      expect(features).toThrow('Layer 1 (conv2d): it expects rows of shape [height, width, channels]');
    else expect(features).not.toThrow();
  });

  it('has the parameter count of the reference for MNIST', () => {
    const { architecture } = presets.find((preset) => preset.id === '1200-1200')!;
    const count = buildModel(architecture, [28, 28], 10).parameters.reduce((total, { shape }) => total + sizeOf(shape), 0);
    expect(count).toBe(2_395_210);
  });
});
