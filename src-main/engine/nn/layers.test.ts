/** @file Layers around the weights: dropout, residual connections, normalisation; by hand, with members, and what they refuse. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { grads, setBackend, stack, sum, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Architecture } from '../../contract/spec';
import { sizeOf } from '../numerics/host-tensor';
import type { NoiseSource } from '../numerics/random';
import { mapParams, type Params } from '../numerics/tree';
import { buildModel, type LayerNoise, type Model } from './model';

beforeAll(() => setBackend('cpu'));

const values = (f: () => Tensor): number[] => tidy(() => [...f().dataSync()]);
const wave = (shape: readonly number[], phase = 0): Tensor =>
  tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1 + phase + 0.7 * i)),
    [...shape],
  );
const build = (input: readonly number[], ...layers: object[]): Model => buildModel(Architecture.parse({ layers: [...layers, { kind: 'output' }] }), input, 1);
const parameters = (model: Model, phase = 0): Params => Object.fromEntries(model.parameters.map(({ name, shape }, i) => [name, wave(shape, phase + i)]));
const closeTo = (actual: readonly number[], expected: readonly number[]) => {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
};
/** Uniforms that fall just below and above a rate of 0.5 in turn. */
const alternating = (training: boolean): LayerNoise & { readonly shapes: (readonly number[])[] } => {
  const shapes: (readonly number[])[] = [];
  const source: NoiseSource = {
    draw: (_kind, _address, shape) => (
      shapes.push(shape),
      tensor(
        Float32Array.from({ length: sizeOf(shape) }, (_, i) => (i % 2 ? 0.51 : 0.49)),
        [...shape],
      )
    ),
  };
  return { key: { source, address: 0 }, training, shapes };
};
/** Read-out that sums its inputs. */
const sums = (inputs: number) => ({ 'output.kernel': tensor(new Array<number>(inputs).fill(1), [inputs, 1]), 'output.bias': tensor([0]) });

describe('dropout', () => {
  const x = () => tensor([1, 2, 4, 8, 16, 32], [2, 3]);
  const model = (predict: 'on' | 'off') => build([3], { kind: 'dropout', settings: { rate: 0.5, predict } });

  it('draws a mask for each row in training, and scales what it keeps', () => {
    const noise = alternating(true);
    expect(values(() => model('off').apply(sums(3), x(), undefined, noise))).toEqual([2 * (1 + 4), 2 * 16]);
    expect(noise.shapes).toEqual([[2, 3]]);
  });
  it('leaves everything in when it predicts, and then needs no noise', () => {
    expect(values(() => model('off').apply(sums(3), x()))).toEqual([7, 56]);
    expect(model('off').randomPrediction).toBe(false);
  });
  it('keeps dropping in predictions when asked to: one mask for all rows', () => {
    const noise = alternating(false);
    expect(values(() => model('on').apply(sums(3), x(), undefined, noise))).toEqual([2 * (1 + 4), 2 * (8 + 32)]);
    expect(noise.shapes).toEqual([[1, 3]]);
    expect(model('on').randomPrediction).toBe(true);
    expect(() => values(() => model('on').apply(sums(3), x()))).toThrow('without noise');
  });
  it('drops whole channels of images and of members', () => {
    const noise = alternating(true);
    const layers = [
      { kind: 'conv2d', settings: { filters: 2, kernelHeight: 1, kernelWidth: 1 } },
      { kind: 'dropout', settings: { channels: true } },
      { kind: 'flatten' },
    ];
    const images = build([3, 4, 1], ...layers);
    const both = () => mapParams((_name, a, b) => stack([a, b]), parameters(images), parameters(images, 5));
    expect(tidy(() => images.apply(both(), wave([5, 3, 4, 1]), undefined, noise).shape)).toEqual([2, 5, 1]);
    expect(noise.shapes).toEqual([
      [5, 1, 1, 2],
      [5, 1, 1, 2],
    ]);
  });
});

describe('layer normalisation', () => {
  const model = build([4], { kind: 'layer-norm' });

  it('gives each row mean 0 and variance 1, then gain and shift', () => {
    // (1, 3, 5, 7): mean 4, variance 5. Catches the variance with n − 1, and moments over the batch.
    const own = () => ({ 'layer-norm1.gain': tensor([1, 1, 1, 2]), 'layer-norm1.shift': tensor([0, 0, 0, 10]), ...sums(4) });
    const y = (x: number) => (x - 4) / Math.sqrt(5 + 1e-5);
    closeTo(
      values(() => model.apply(own(), tensor([1, 3, 5, 7, 7, 5, 3, 1], [2, 4]))),
      [y(1) + y(3) + y(5) + 2 * y(7) + 10, y(7) + y(5) + y(3) + 2 * y(1) + 10],
    );
    expect(model.parameters.slice(0, 2)).toMatchObject([
      { name: 'layer-norm1.gain', start: 1, bayesian: false },
      { name: 'layer-norm1.shift', start: 0, bayesian: false },
    ]);
  });
});

describe('batch normalisation', () => {
  const model = build([2], { kind: 'batch-norm' });
  const own = () => ({ 'batch-norm1.gain': tensor([1, 2]), 'batch-norm1.shift': tensor([0, 10]), ...sums(2) });
  const x = () => tensor([1, 10, 3, 20, 5, 60], [3, 2]);
  const training: LayerNoise = { ...alternating(true), training: true };
  const deviation = (values: readonly number[]) => {
    const mean = values.reduce((a, b) => a + b) / values.length;
    return Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length + 1e-5);
  };

  it('uses the moments of the batch while it trains', () => {
    const y = [1, 3, 5].map((value, i) => (value - 3) / deviation([1, 3, 5]) + (2 * ([10, 20, 60][i]! - 30)) / deviation([10, 20, 60]) + 10);
    closeTo(
      values(() => model.apply(own(), x(), undefined, training)),
      y,
    );
  });
  it('uses those that were measured with the weights when it predicts, row by row', () => {
    expect(model.statistics).toEqual([
      { name: 'batch-norm1.mean', shape: [2] },
      { name: 'batch-norm1.variance', shape: [2] },
    ]);
    const alone = values(() => model.apply({ ...own(), ...model.measure(own(), x()) }, tensor([1, 10], [1, 2])));
    closeTo(alone, values(() => model.apply(own(), x(), undefined, training)).slice(0, 1));
    expect(() => values(() => model.apply(own(), x()))).toThrow('batch-norm1.mean');
  });
  it('measures layer after layer, and each member by itself', () => {
    const deep = build(
      [4, 4, 1],
      { kind: 'conv2d', settings: { filters: 2 } },
      { kind: 'batch-norm' },
      { kind: 'conv2d', settings: { filters: 3 } },
      { kind: 'batch-norm' },
      { kind: 'flatten' },
    );
    const images = () => wave([5, 4, 4, 1], 3);
    const predicted = (params: () => Params) => values(() => deep.apply({ ...params(), ...deep.measure(params(), images()) }, images()));
    // Predicting the rows that were measured is training on them.
    closeTo(
      predicted(() => parameters(deep)),
      values(() => deep.apply(parameters(deep), images(), undefined, training)),
    );
    const both = () => mapParams((_name, a, b) => stack([a, b]), parameters(deep), parameters(deep, 9));
    closeTo(
      predicted(both),
      [0, 9].flatMap((phase) => predicted(() => parameters(deep, phase))),
    );
  });
});

describe('embedding', () => {
  const model = build([3], { kind: 'embedding', settings: { column: 2, categories: 3, size: 2 } });
  const table = () => tensor([1, 10, 2, 20, 3, 30], [3, 2]);
  const weigh = () => ({ 'embedding1.kernel': table(), 'output.kernel': tensor([1000, 100, 1, 1], [4, 1]), 'output.bias': tensor([0]) });
  const x = () => tensor([1, 0, 2, 3, 2, 4, 5, 7, 6], [3, 3]);

  it('replaces a column of codes by their vectors, behind the other columns; too high a code is the last one', () => {
    expect(model.layers[0]!.output).toEqual([4]);
    expect(values(() => model.apply(weigh(), x()))).toEqual([1200 + 11, 3400 + 33, 5600 + 33]);
  });
  it('has gradients only for the categories that occur, summed', () => {
    const slope = values(() => grads((kernel) => sum(model.apply({ ...weigh(), 'embedding1.kernel': kernel! }, x())))([table()])[0]!);
    expect(slope).toEqual([1, 1, 0, 0, 2, 2]);
  });
  it('refuses a column that does not exist', () => {
    expect(() => build([3], { kind: 'embedding', settings: { column: 4 } })).toThrow('column 4 does not exist: there are 3');
  });
});

describe('residual', () => {
  const dense = (units: number) => ({ kind: 'dense', settings: { units, activation: 'linear' } });

  it('adds what the layers between were given', () => {
    const model = build([2], dense(3), dense(2), { kind: 'residual', settings: { back: 2 } });
    const zero = () => ({ ...mapParams((_name, p) => tensor(new Float32Array(p.size), p.shape), parameters(model)), ...sums(2) });
    expect(model.parameters.filter(({ layer }) => layer === 2)).toEqual([]);
    expect(values(() => model.apply(zero(), tensor([1, 2, 3, -4], [2, 2])))).toEqual([3, 3]); // rectified after the sum: 3 + 0
  });
  it('projects features and images of other shapes', () => {
    const features = build([2], dense(3), { kind: 'residual', settings: { back: 1, activation: 'linear' } });
    const own = () => ({
      'dense1.kernel': tensor(new Float32Array(6), [2, 3]),
      'dense1.bias': tensor([0, 0, 0]),
      'residual1.kernel': tensor([1, 10, 100, 2, 20, 200], [2, 3]),
    });
    expect(values(() => features.apply({ ...own(), ...sums(3) }, tensor([1, 1], [1, 2])))).toEqual([333]);
    // Stride 2 of a 1 × 1 window takes the pixels 1, 3, 7, 9.
    const images = build([3, 3, 1], { kind: 'conv2d', settings: { filters: 1, stride: 2 } }, { kind: 'residual', settings: { back: 1 } }, { kind: 'flatten' });
    const none = () => ({ 'conv2d1.kernel': tensor(new Float32Array(9), [3, 3, 1, 1]), 'conv2d1.bias': tensor([0]), 'residual1.kernel': tensor([[10]]) });
    expect(values(() => images.apply({ ...none(), ...sums(4) }, tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1])))).toEqual([200]);
  });
  it.each([
    ['too far back', [2], [dense(3), { kind: 'residual', settings: { back: 3 } }], 'reaches back over 3 layers but only 1 stand before it'],
    [
      'sizes that do not divide',
      [5, 5, 1],
      [
        { kind: 'max-pool', settings: { kernelHeight: 2, stride: 1 } },
        { kind: 'residual', settings: { back: 1 } },
      ],
      'it would add rows of shape [5, 5, 1] to rows of shape [4, 4, 1]',
    ],
  ])('refuses %s', (_name, input, layers, message) => expect(() => build(input, ...layers)).toThrow(message));
});

it.each<[string, readonly number[], object[]]>([
  [
    'categories in sequences',
    [5, 2],
    [
      { kind: 'embedding', settings: { size: 3 } },
      { kind: 'gru', settings: { units: 2 } },
    ],
  ],
  ['features', [4], [{ kind: 'layer-norm' }, { kind: 'dense', settings: { units: 3 } }, { kind: 'residual', settings: { back: 1 } }]],
  [
    'images',
    [4, 4, 2],
    [{ kind: 'conv2d', settings: { filters: 3, stride: 2 } }, { kind: 'layer-norm' }, { kind: 'residual', settings: { back: 2 } }, { kind: 'flatten' }],
  ],
  ['sequences', [6, 2], [{ kind: 'conv1d', settings: { filters: 3, stride: 2 } }, { kind: 'residual', settings: { back: 1 } }, { kind: 'flatten' }]],
])('%s: K stacked members give what K separate networks give', (_name, input, layers) => {
  const model = build(input, ...layers);
  const x = () => wave([2, ...input], 3);
  const both = () => mapParams((_name, a, b) => stack([a, b]), parameters(model), parameters(model, 9));
  const separate = [0, 9].flatMap((phase) => values(() => model.apply(parameters(model, phase), x())));
  closeTo(
    values(() => model.apply(both(), x())),
    separate,
  );
});
