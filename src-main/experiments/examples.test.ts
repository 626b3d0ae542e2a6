import { expect, it } from 'vitest';
import { examplesByBin, examplesKept, rowsOfLargest } from './examples';
import { reliabilityWithExamples } from './reliability';

it('keeps the first rows of each bin, and no more than can be looked at', () => {
  const examples = examplesByBin(100, 3, (row) => (row === 50 ? 2 : 0));
  expect(examples[0]).toEqual(Array.from({ length: examplesKept }, (_, row) => row));
  expect(examples.slice(1)).toEqual([[], [50]]);
});

it('puts each test row where its confidence was counted, wherever the measured rows begin', () => {
  const { count, examples } = reliabilityWithExamples([0.6, 0.4, 1, 0, 0.35, 0.65], 2, [0, 0, 1], 5, 10);
  expect(count).toEqual([0, 0, 1, 1, 1]); // 0.6 is the right end of its bin
  expect(examples).toEqual([[], [], [10], [12], [11]]);
});

it('orders rows by their values, ties by their place', () => {
  expect(rowsOfLargest(Float64Array.of(0.1, 0.9, 0.5, 0.9))).toEqual([1, 3, 2, 0]);
});
