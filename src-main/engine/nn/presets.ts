/** @file Architectures to start from. */
import type { PresetEntry } from '../../contract/catalogue';
import { Architecture } from '../../contract/spec';

const perceptron = (id: string, title: string, help: string, widths: readonly number[]): PresetEntry => ({
  id,
  title,
  help,
  architecture: Architecture.parse({
    name: title,
    layers: [{ kind: 'flatten' }, ...widths.map((units) => ({ kind: 'dense', settings: { units, activation: 'relu' } })), { kind: 'output' }],
  }),
});

/** Each starts with `flatten`, so that it takes images and feature rows alike. */
export const presets: readonly PresetEntry[] = [
  perceptron(
    '1200-1200',
    '784-1200-1200-10',
    'The network of Blundell et al. (2015) for MNIST: two hidden layers of 1200 rectified linear units, 2.4 million weights.',
    [1200, 1200],
  ),
  perceptron('400-400', '400-400', 'Two hidden layers of 400 rectified linear units: five times faster than 1200-1200, nearly as accurate.', [400, 400]),
  perceptron('1x200', '1 × 200', 'One hidden layer of 200 rectified linear units: for one-dimensional regression and quick trials.', [200]),
  perceptron('2x100', '2 × 100', 'Two hidden layers of 100 rectified linear units: for small tables.', [100, 100]),
];
