import { expect, it } from 'vitest';
import type { ExaminedImage } from '../../../src-main/contract/experiment';
import { selectImages } from './image-order';

const image = (row: number, label: number, probabilities: number[], total: number, epistemic: number): ExaminedImage => ({
  row,
  label,
  pixels: [],
  probabilities,
  votes: [],
  uncertainty: { total, aleatoric: total - epistemic, epistemic },
});
const images = [image(1, 0, [0.6, 0.4], 0.6, 0.1), image(2, 0, [0.4, 0.6], 0.5, 0.3), image(3, 1, [0.7, 0.3], 0.4, 0.2)];
const rows = (selection: Parameters<typeof selectImages>[1]) => selectImages(images, selection).map(({ row }) => row);

it('sorts by the chosen part of the uncertainty and filters errors and cells of the confusion matrix', () => {
  expect(rows({ by: 'total', errorsOnly: false, cell: null })).toEqual([1, 2, 3]);
  expect(rows({ by: 'epistemic', errorsOnly: false, cell: null })).toEqual([2, 3, 1]);
  expect(rows({ by: 'total', errorsOnly: true, cell: null })).toEqual([2, 3]);
  expect(rows({ by: 'total', errorsOnly: false, cell: { label: 1, predicted: 0 } })).toEqual([3]);
});
