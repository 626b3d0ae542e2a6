/** @file Calibration losses by hand. */
import { tensor1d, tensor2d, type Scalar } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { calibratedBbp } from './calibrated-bbp';
import { auavu, avuc, eau } from './calibration-loss';
import { conjugateTarget, read } from './testing';

const value = (f: () => Scalar): number => read(() => f().dataSync()[0]!);

describe('calibration losses', () => {
  // Four rows of two classes: right and sure, right and unsure, wrong and sure, wrong and unsure.
  const p = [0.95, 0.6, 0.9, 0.55];
  const right = [true, true, false, false];
  const prediction = () => ({
    probabilities: tensor2d(
      p.flatMap((x) => [x, 1 - x]),
      [4, 2],
    ),
  });
  const y = () =>
    tensor1d(
      right.map((is) => (is ? 0 : 1)),
      'int32',
    );
  const entropy = p.map((x) => -x * Math.log(x) - (1 - x) * Math.log(1 - x));

  /** AvU of the definition, row by row. */
  function share(threshold: number): number {
    let [good, bad] = [0, 0];
    p.forEach((x, i) => {
      const certain = entropy[i]! <= threshold;
      const weight = (right[i] ? x : 1 - x) * (certain ? 1 - Math.tanh(entropy[i]!) : Math.tanh(entropy[i]!));
      if (right[i] === certain) good += weight;
      else bad += weight;
    });
    return good / (good + bad);
  }

  it('AvUC is −log of the share of accurate-certain and inaccurate-uncertain rows', () => {
    // Catches exchanged cells, p for 1 − p, and tanh u for 1 − tanh u.
    expect(value(() => avuc(0.4)(prediction(), y()))).toBeCloseTo(-Math.log(share(0.4)), 5);
  });

  it('AUAvU averages over the thresholds of the batch', () => {
    const [low, high] = [Math.min(...entropy), Math.max(...entropy)];
    const area = Array.from({ length: 21 }, (_, i) => (i % 20 === 0 ? 0.5 : 1) * share(low + ((high - low) * i) / 20)).reduce((a, b) => a + b) / 20;
    expect(Math.abs(value(() => auavu(prediction(), y())) + Math.log(area))).toBeLessThan(0.05); // an entropy at a threshold may fall on either side in single precision
  });

  it('EaU is −log of the share of rows whose error and sd agree', () => {
    const error = [0.1, 0.2, 1.5, 2];
    const sd = [0.1, 1, 0.2, 1.5];
    let [good, bad] = [0, 0];
    error.forEach((e, i) => {
      const [low, certain] = [e <= 0.5, sd[i]! <= 0.5];
      const weight = (low ? 1 - Math.tanh(e) : Math.tanh(e)) * (certain ? 1 - Math.tanh(sd[i]!) : Math.tanh(sd[i]!));
      if (low === certain) good += weight;
      else bad += weight;
    });
    const loss = value(() => eau(0.5)({ mean: tensor2d([0, 0, 0, 0], [4, 1]), sd: tensor2d(sd, [4, 1]) }, tensor2d(error, [4, 1])));
    expect(loss).toBeCloseTo(-Math.log(good / (good + bad)), 5);
  });

  it('refuses a loss for another task by name', () => {
    const problems = (loss: string) => calibratedBbp.problems!(conjugateTarget(), calibratedBbp.settings.parse({ loss }));
    expect(problems('eau')).toEqual([]);
    expect(problems('auavu')).toEqual([expect.stringMatching(/not for regression; choose eau/)]);
  });
});
