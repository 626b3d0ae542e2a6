/** @file Convolution and pooling layers: values by hand, shapes, adjointness, members, faults, presets. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { grads, mul, setBackend, stack, sum, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Architecture } from '../../contract/spec';
import { sizeOf } from '../numerics/host-tensor';
import { mapParams, type Params } from '../numerics/tree';
import { buildModel } from './model';
import { presets } from './presets';

beforeAll(() => setBackend('cpu'));

type Spec = { readonly kind: string; readonly settings?: object };

const values = (f: () => Tensor): number[] => tidy(() => [...f().dataSync()]);
const filled = (shape: readonly number[], phase = 0): Tensor =>
  tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1 + phase + 0.7 * i)),
    [...shape],
  );
const closeTo = (actual: readonly number[], expected: readonly number[]) => {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
};
/** A network of these layers, flattened and read out by one unit of known weights. */
const network = (input: readonly number[], ...layers: Spec[]) =>
  buildModel(Architecture.parse({ layers: [...layers, { kind: 'flatten' }, { kind: 'output' }] }), input, 1);
const parameters = (model: ReturnType<typeof network>, phase = 0): Params =>
  Object.fromEntries(model.parameters.map(({ name, shape }, i) => [name, filled(shape, phase + i)]));
/** What one layer alone makes of x: the gradient of its read-out by the read-out's weights, for one row. */
function alone(layer: Spec, x: () => Tensor, own: { readonly [name: string]: Tensor } = {}): number[] {
  const model = network(x().shape.slice(1), layer);
  const named = Object.fromEntries(Object.entries(own).map(([name, value]) => [`${layer.kind}1.${name}`, value]));
  return values(() => {
    const readOut = filled(model.parameters.find(({ name }) => name === 'output.kernel')!.shape);
    return grads((kernel) => sum(model.apply({ ...named, 'output.kernel': kernel!, 'output.bias': tensor([0]) }, x())))([readOut])[0]!;
  });
}

const image = () => tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3]);
const window = { kernelHeight: 2, kernelWidth: 2, stride: 1 };

describe('layers by hand, on the image 1 2 3 / 4 5 6 / 7 8 9', () => {
  const kernel = () => tensor([1, 0, 0, -1], [2, 2, 1, 1]);
  const linear = { filters: 1, activation: 'linear' };

  it('conv2d correlates: x − its lower right neighbour, plus the bias', () => {
    const weights = { kernel: kernel(), bias: tensor([10]) };
    expect(alone({ kind: 'conv2d', settings: { ...window, ...linear, padding: 'valid' } }, image, weights)).toEqual([6, 6, 6, 6]);
    expect(alone({ kind: 'conv2d', settings: { ...window, ...linear } }, image, weights)).toEqual([6, 6, 13, 6, 6, 16, 17, 18, 19]);
  });
  it('conv1d takes each row of features as a sequence', () => {
    const settings = { filters: 1, kernelSize: 2, activation: 'relu', padding: 'valid', bias: false };
    expect(alone({ kind: 'conv1d', settings }, () => tensor([1, 4, 9, 7], [1, 4]), { kernel: tensor([-1, 1], [2, 1, 1]) })).toEqual([3, 5, 0]);
  });
  it('conv-transpose2d paints a patch for every pixel', () => {
    const settings = { ...linear, kernelHeight: 2, kernelWidth: 2, stride: 2, padding: 'valid', bias: false };
    expect(alone({ kind: 'conv-transpose2d', settings }, () => tensor([1, 2], [1, 1, 2]), { kernel: kernel() })).toEqual([1, 0, 2, 0, 0, -1, 0, -2]);
  });
  it('max-pool keeps the largest', () => expect(alone({ kind: 'max-pool', settings: window }, image)).toEqual([5, 6, 8, 9]));
  it('average-pool takes the mean of what lies inside', () => {
    expect(alone({ kind: 'average-pool', settings: window }, image)).toEqual([3, 4, 6, 7]);
    closeTo(alone({ kind: 'average-pool', settings: { ...window, padding: 'same' } }, image), [3, 4, 4.5, 6, 7, 7.5, 7.5, 8.5, 9]);
  });
  it('average-pool has the gradient of that mean at a padded border too', () => {
    const model = network([3, 3], { kind: 'average-pool', settings: { ...window, padding: 'same' } });
    const read = { 'output.kernel': tensor(new Array<number>(9).fill(1), [9, 1]), 'output.bias': tensor([0]) };
    // Shares of 1/4 inside, 1/2 at an edge, 1 in the last corner.
    const quarter = [0.25, 0.5, 0.75, 0.5, 1, 1.5, 0.75, 1.5, 2.25];
    closeTo(
      values(() => grads((x) => sum(model.apply(read, x!)))([image()])[0]!),
      quarter,
    );
  });
});

describe.each<[string, Spec, readonly number[], readonly number[], number[]]>([
  ['conv2d', { kind: 'conv2d', settings: { filters: 3, kernelHeight: 3, kernelWidth: 2, stride: 2 } }, [5, 6, 2], [3, 3, 3], [12, 18]],
  ['conv2d, valid', { kind: 'conv2d', settings: { filters: 3, kernelHeight: 3, kernelWidth: 2, stride: 2, padding: 'valid' } }, [5, 6, 2], [2, 3, 3], [12, 18]],
  ['conv1d', { kind: 'conv1d', settings: { filters: 4, kernelSize: 3, stride: 2 } }, [7, 2], [4, 4], [6, 12]],
  ['conv-transpose2d', { kind: 'conv-transpose2d', settings: { filters: 3, kernelHeight: 4, kernelWidth: 4 } }, [2, 3, 2], [4, 6, 3], [8, 48]],
  ['conv-transpose2d, valid', { kind: 'conv-transpose2d', settings: { filters: 3, stride: 2, padding: 'valid' } }, [2, 3, 2], [5, 7, 3], [4.5, 27]],
  ['max-pool', { kind: 'max-pool' }, [5, 6, 2], [2, 3, 2], []],
  ['average-pool', { kind: 'average-pool', settings: { padding: 'same' } }, [5, 6, 2], [3, 3, 2], []],
])('%s', (_name, layer, input, output, fans) => {
  const model = network(input, layer, layer.kind === 'conv1d' ? { kind: 'conv1d' } : { kind: 'conv2d', settings: { filters: 2 } });

  it('announces the shape it makes, and its fans', () => {
    expect(model.layers[0]!.output).toEqual(output);
    const own = model.parameters.filter(({ layer: index }) => index === 0);
    own.forEach(({ fanIn, fanOut, affine }) => expect([fanIn, fanOut, affine]).toEqual([...fans, 'repeatedly']));
    expect(tidy(() => model.apply(parameters(model), filled([2, ...input])).shape)).toEqual([2, 1]);
  });

  it('gives K stacked members what K separate networks give, gradients too', () => {
    const x = () => filled([2, ...input], 3);
    const both = () => mapParams((_name, a, b) => stack([a, b]), parameters(model), parameters(model, 9));
    const separate = [0, 9].map((phase) => values(() => model.apply(parameters(model, phase), x())));
    closeTo(
      values(() => model.apply(both(), x())),
      separate.flat(),
    );
    const name = model.parameters[0]!.name;
    const byFirst = (params: Params) => grads((kernel) => sum(mul(model.apply({ ...params, [name]: kernel! }, x()), 0.1)))([params[name]!])[0]!;
    closeTo(
      values(() => byFirst(both())),
      [0, 9].flatMap((phase) => values(() => byFirst(parameters(model, phase)))),
    );
  });
});

it.each([
  ['rows of features', { kind: 'conv2d' }, [13], 'it expects rows of shape [height, width, channels] but gets [13]; put it before the flatten layer'],
  ['an image to a sequence layer', { kind: 'conv1d' }, [4, 4, 1], 'use a two-dimensional layer for images'],
  ['a window larger than the image', { kind: 'max-pool', settings: { kernelHeight: 5 } }, [4, 4, 1], 'its window of 5 × 2 does not fit into 4 × 4'],
])('refuses %s, with advice', (_name, layer, input, message) => expect(() => network(input, layer)).toThrow(message));

it('LeNet-5 has the weights of the paper with full connections', () => {
  const { architecture } = presets.find(({ id }) => id === 'lenet')!;
  const model = buildModel(architecture, [28, 28, 1], 10);
  expect(model.layers.map(({ output }) => output)).toEqual([[28, 28, 6], [14, 14, 6], [10, 10, 16], [5, 5, 16], [400], [120], [84], [10]]);
  expect(model.parameters.reduce((total, { shape }) => total + sizeOf(shape), 0)).toBe(61_706);
});
