/** @file Convolution and pooling layers: values by hand, shapes, adjointness, members, faults, presets. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { conv3d as tfConv3d, grads, mul, setBackend, stack, sum, tensor, tidy, type Tensor, type Tensor5D } from '@tensorflow/tfjs-core';
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

const image = () => tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
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
  it('conv-transpose1d paints a piece for every step', () => {
    const settings = { filters: 1, activation: 'linear', kernelSize: 3, stride: 2, padding: 'valid', bias: false };
    expect(alone({ kind: 'conv-transpose1d', settings }, () => tensor([1, 2], [1, 2]), { kernel: tensor([1, 0, -1], [3, 1, 1]) })).toEqual([1, 0, 1, 0, -2]);
  });
  it('conv3d is what TF.js makes of volumes, whatever the strides and the padding', () => {
    for (const [padding, strides] of [
      ['same', [1, 1, 1]],
      ['same', [2, 1, 2]],
      ['valid', [1, 2, 1]],
    ] as const) {
      const volumes = () => filled([1, 4, 3, 5, 2]);
      const kernel = () => filled([3, 2, 3, 2, 2], 2);
      const settings = { ...linear, filters: 2, kernelHeight: 2, strideDepth: strides[0], stride: strides[1], strideWidth: strides[2], padding, bias: false };
      const expected = values(() => tfConv3d(volumes() as Tensor5D, kernel() as Tensor5D, [...strides], padding));
      closeTo(alone({ kind: 'conv3d', settings }, volumes, { kernel: kernel() }), expected);
    }
  });
  it('max-pool keeps the largest', () => expect(alone({ kind: 'max-pool', settings: window }, image)).toEqual([5, 6, 8, 9]));
  it('average-pool takes the mean of what lies inside', () => {
    expect(alone({ kind: 'average-pool', settings: window }, image)).toEqual([3, 4, 6, 7]);
    closeTo(alone({ kind: 'average-pool', settings: { ...window, padding: 'same' } }, image), [3, 4, 4.5, 6, 7, 7.5, 7.5, 8.5, 9]);
  });
  it('pooling a sequence moves along its steps and keeps its channels', () => {
    // Two channels of five steps. Catches a window over the channels, as of an image without any.
    const sequence = () => tensor([1, 10, 3, 20, 2, 50, 7, 30, 5, 40], [1, 5, 2]);
    expect(alone({ kind: 'max-pool' }, sequence)).toEqual([3, 20, 7, 50]);
    closeTo(alone({ kind: 'average-pool', settings: { kernelHeight: 3, padding: 'same' } }, sequence), [2, 15, 4, 100 / 3, 6, 35]);
  });
  it('average-pool has the gradient of that mean at a padded border too', () => {
    const model = network([3, 3, 1], { kind: 'average-pool', settings: { ...window, padding: 'same' } });
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
  ['conv2d, strides 1 × 3', { kind: 'conv2d', settings: { filters: 3, strideWidth: 3 } }, [5, 6, 2], [5, 2, 3], [18, 27]],
  [
    'conv3d',
    { kind: 'conv3d', settings: { filters: 2, kernelDepth: 2, kernelHeight: 1, strideDepth: 2, strideWidth: 2 } },
    [3, 2, 3, 2],
    [2, 2, 2, 2],
    [12, 12],
  ],
  ['conv3d, valid', { kind: 'conv3d', settings: { filters: 2, kernelHeight: 1, kernelWidth: 2, padding: 'valid' } }, [4, 2, 3, 1], [2, 2, 2, 2], [6, 12]],
  ['conv-transpose1d', { kind: 'conv-transpose1d', settings: { filters: 3, kernelSize: 4 } }, [3, 2], [6, 3], [4, 12]],
  ['conv-transpose1d, valid', { kind: 'conv-transpose1d', settings: { filters: 3, padding: 'valid' } }, [3, 2], [7, 3], [3, 9]],
  ['conv-transpose2d, strides 2 × 3', { kind: 'conv-transpose2d', settings: { filters: 3, strideWidth: 3 } }, [2, 3, 2], [4, 9, 3], [3, 27]],
  ['max-pool, strides 2 × 1', { kind: 'max-pool', settings: { strideWidth: 1 } }, [5, 6, 2], [2, 5, 2], []],
  ['average-pool, strides 1 × 2', { kind: 'average-pool', settings: { stride: 1, strideWidth: 2, padding: 'same' } }, [5, 6, 2], [5, 3, 2], []],
  ['max-pool', { kind: 'max-pool' }, [5, 6, 2], [2, 3, 2], []],
  ['max-pool of a sequence', { kind: 'max-pool', settings: { padding: 'same' } }, [5, 3], [3, 3], []],
  ['average-pool', { kind: 'average-pool', settings: { padding: 'same' } }, [5, 6, 2], [3, 3, 2], []],
])('%s', (_name, layer, input, output, fans) => {
  const model = network(input, layer, { kind: `conv${output.length - 1}d`, settings: { filters: 2 } });

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
  ['an image to a sequence layer', { kind: 'conv1d' }, [4, 4, 1], 'use a layer of more dimensions'],
  ['a window larger than the image', { kind: 'max-pool', settings: { kernelHeight: 5 } }, [4, 4, 1], 'its window of 5 × 2 does not fit into 4 × 4'],
])('refuses %s, with advice', (_name, layer, input, message) => expect(() => network(input, layer)).toThrow(message));

it('LeNet-5 has the weights of the paper with full connections', () => {
  const { architecture } = presets.find(({ id }) => id === 'lenet')!;
  const model = buildModel(architecture, [28, 28, 1], 10);
  expect(model.layers.map(({ output }) => output)).toEqual([[28, 28, 6], [14, 14, 6], [10, 10, 16], [5, 5, 16], [400], [120], [84], [10]]);
  expect(model.parameters.reduce((total, { shape }) => total + sizeOf(shape), 0)).toBe(61_706);
});

it.each([
  // Convolutions without biases, gain and shift of each channel, the read-out: the numbers of the usual implementations less their redundant biases.
  ['vgg11', 9_217_728 + 2 * 2752 + 5130],
  ['vgg13', 9_402_048 + 2 * 2944 + 5130],
  ['vgg16', 14_710_464 + 2 * 4224 + 5130],
  // 269,722 with the parameter-free shortcuts of He et al., and two projections.
  ['resnet20', 269_722 + 16 * 32 + 32 * 64],
])('%s has its number of weights for CIFAR-10', (id, weights) => {
  const { architecture } = presets.find((preset) => preset.id === id)!;
  expect(buildModel(architecture, [32, 32, 3], 10).parameters.reduce((total, { shape }) => total + sizeOf(shape), 0)).toBe(weights);
});
