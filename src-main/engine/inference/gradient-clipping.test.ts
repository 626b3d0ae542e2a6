import { scalar, tensor1d } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { closeTo } from './exact-step.testing';
import { clip, noLengths } from './gradient-clipping';
import { read } from './testing';

describe('the limit on gradients', () => {
  it('is the mean of the lengths so far plus their deviations, and holds only after 1000 of them', () => {
    const judge = (count: number, length: number) =>
      read(() => {
        const past = {
          count: scalar(count),
          mean: scalar(5),
          squares: scalar(4 * count),
          clipped: scalar(1),
        };
        const { factor, lengths } = clip({ a: tensor1d([0.6 * length]), b: tensor1d([0.8 * length]) }, past, 1, 3);
        return [factor, ...Object.values(lengths)].map((value) => value.dataSync()[0]!);
      });
    closeTo(judge(2000, 22), [(5 + 3 * 2) / 22, 2001, 5 + 17 / 2001, 8000 + 17 * (17 - 17 / 2001), 2], 1e-6);
    closeTo(judge(2000, 10.9), [1, 2001, 5 + 5.9 / 2001, 8000 + 5.9 * (5.9 - 5.9 / 2001), 1], 1e-6);
    closeTo(judge(1000, 22), [1, 1001, 5 + 17 / 1001, 4000 + 17 * (17 - 17 / 1001), 1], 1e-6);
    expect(read(() => Object.values(noLengths(3)).map(({ shape }) => shape))).toEqual([[3], [3], [3], [3]]);
  });
});
