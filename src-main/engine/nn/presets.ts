/** @file Architectures to start from. */
import type { PresetEntry } from '../../contract/catalogue';
import { Architecture } from '../../contract/spec';

const perceptron = (id: string, title: string, help: string, widths: readonly number[]): PresetEntry => ({
  id,
  title,
  help,
  architecture: Architecture.parse({
    name: title,
    layers: [{ kind: 'flatten' }, ...widths.map(dense), { kind: 'output' }],
  }),
});

const recurrent = (kind: string, title: string, help: string): PresetEntry => ({
  id: kind,
  title,
  help,
  architecture: Architecture.parse({ name: title, layers: [{ kind, settings: { units: 32 } }, { kind: 'output' }] }),
});

const conv = (filters: number, size: number, padding: 'same' | 'valid') => ({
  kind: 'conv2d',
  settings: { filters, kernelHeight: size, kernelWidth: size, padding, activation: 'relu' },
});
const dense = (units: number) => ({ kind: 'dense', settings: { units, activation: 'relu' } });
const pool = { kind: 'max-pool' };

const normalisedConv = (filters: number, stride = 1, activation = 'relu') => [
  { kind: 'conv2d', settings: { filters, stride, activation: 'linear', bias: false } },
  { kind: 'batch-norm', settings: { activation } },
];

/** Widths of the blocks between which VGG pools, with so many convolutions in each. */
const vgg = (depth: number, weights: string, convolutions: readonly number[]): PresetEntry => ({
  id: `vgg${depth}`,
  title: `VGG-${depth}`,
  help: `For colour images: the network of Simonyan & Zisserman (2015) with batch normalisation and one read-out layer, as is usual for images of 32 × 32 pixels; ${weights} million weights.`,
  architecture: Architecture.parse({
    name: `VGG-${depth}`,
    layers: [
      ...convolutions.flatMap((count, block) => [
        ...Array.from({ length: count }, () => normalisedConv(Math.min(64 * 2 ** block, 512))).flat(),
        { kind: 'max-pool', settings: { padding: 'same' } },
      ]),
      { kind: 'flatten' },
      { kind: 'output' },
    ],
  }),
});

/** Two convolutions and the connection around them. */
const block = (filters: number, stride: number) => [
  ...normalisedConv(filters, stride),
  ...normalisedConv(filters, 1, 'linear'),
  { kind: 'residual', settings: { back: 4 } },
];

/** Networks of dense layers start with `flatten`, so that they take images and feature rows alike; those with convolutions are for images. */
export const presets: readonly PresetEntry[] = [
  perceptron(
    '1200-1200',
    '784-1200-1200-10',
    'The network of Blundell et al. (2015) for MNIST: two hidden layers of 1200 rectified linear units, 2.4 million weights.',
    [1200, 1200],
  ),
  perceptron('400-400', '400-400', 'Two hidden layers of 400 rectified linear units: five times faster than 1200-1200, nearly as accurate.', [400, 400]),
  perceptron('1x50', '1 × 50', 'One hidden layer of 50 rectified linear units: the network of the UCI regression literature.', [50]),
  perceptron('1x200', '1 × 200', 'One hidden layer of 200 rectified linear units: for one-dimensional regression and quick trials.', [200]),
  perceptron('2x100', '2 × 100', 'Two hidden layers of 100 rectified linear units: for small tables.', [100, 100]),
  {
    id: 'lenet',
    title: 'LeNet-5',
    help: 'For images: the convolutional network of LeCun et al. (1998) with rectified linear units and max pooling, 61,706 weights for MNIST.',
    architecture: Architecture.parse({
      name: 'LeNet-5',
      layers: [conv(6, 5, 'same'), pool, conv(16, 5, 'valid'), pool, { kind: 'flatten' }, dense(120), dense(84), { kind: 'output' }],
    }),
  },
  {
    id: 'small-vgg',
    title: 'Small VGG',
    help: 'For images: two blocks of two 3 × 3 convolutions after Simonyan & Zisserman (2015). More accurate than LeNet-5, several times slower.',
    architecture: Architecture.parse({
      name: 'Small VGG',
      layers: [
        conv(16, 3, 'same'),
        conv(16, 3, 'same'),
        pool,
        conv(32, 3, 'same'),
        conv(32, 3, 'same'),
        pool,
        { kind: 'flatten' },
        dense(128),
        { kind: 'output' },
      ],
    }),
  },
  vgg(11, '9.2', [1, 1, 2, 2, 2]),
  vgg(13, '9.4', [2, 2, 2, 2, 2]),
  vgg(16, '14.7', [2, 2, 3, 3, 3]),
  {
    id: 'resnet20',
    title: 'ResNet-20',
    help: 'For colour images: the residual network of He et al. (2016), sec. 4.2, for images of 32 × 32 pixels, with projections where the shape changes; 0.27 million weights.',
    architecture: Architecture.parse({
      name: 'ResNet-20',
      layers: [
        ...normalisedConv(16),
        ...[16, 32, 64].flatMap((filters, stage) => [...block(filters, stage === 0 ? 1 : 2), ...block(filters, 1), ...block(filters, 1)]),
        { kind: 'global-average-pool' },
        { kind: 'output' },
      ],
    }),
  },
  recurrent('lstm', 'LSTM', 'For sequences: an LSTM of 32 units that reads the whole window, then a linear read-out.'),
  recurrent('gru', 'GRU', 'For sequences: a gated recurrent unit of 32 units, a quarter fewer weights than the LSTM.'),
];
