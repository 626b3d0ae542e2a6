/** @file Metrics against values worked out by hand or by published tests. Every expectation is exact, so a lost factor, bin edge or tie fails. */
import { describe, expect, it } from 'vitest';
import { adaptiveReliability, ece, mce, reliability } from './calibration';
import { brier, confusion, nll, nllPerRow, predictedClasses } from './classification';
import { aupr, auroc, fpr95 } from './detection';
import { decomposeEntropy, entropy } from './entropy';
import { normalCdf } from './normal';
import { calibrationError, crps, gaussianNll, mixtureMoments, mixtureNll, mpiw, picp, pit, rmse } from './regression';

const rows = [
  [0.71, 0.19, 0.1],
  [0.09, 0.83, 0.08],
  [0.3, 0.29, 0.41],
  [0.05, 0.04, 0.91],
  [0.62, 0.28, 0.1],
  [0.19, 0.52, 0.29],
  [0.36, 0.33, 0.31],
  [0.01, 0.98, 0.01],
  [0.26, 0.23, 0.51],
  [0.88, 0.07, 0.05],
];
const p = rows.flat();
const y = [0, 1, 0, 2, 1, 1, 0, 1, 2, 2];

describe('class probabilities', () => {
  it('scores error, NLL and Brier', () => {
    expect([...predictedClasses(p, 3)]).toEqual([0, 1, 2, 2, 0, 1, 0, 1, 2, 0]);
    expect(nll(p, 3, y)).toBeCloseTo(0.8464926295822256, 12);
    expect(brier(p, 3, y)).toBeCloseTo(0.4849, 12);
    expect(nllPerRow([1, 0], 2, [1])[0]).toBeCloseTo(708.396, 3); // an impossible label stays finite
  });

  it('counts the confusion matrix as [true][predicted]', () => {
    const counts = confusion(p, 3, y);
    expect(counts).toEqual([
      [2, 0, 1],
      [1, 3, 0],
      [1, 0, 2],
    ]);
    expect(1 - (counts[0]![0]! + counts[1]![1]! + counts[2]![2]!) / y.length).toBeCloseTo(0.3, 12);
  });

  it.each([
    [5, 0.213],
    [10, 0.375],
    [15, 0.391],
  ])('has the calibration errors of %i right-closed bins', (bins, expected) => {
    expect(ece(reliability(p, 3, y, bins))).toBeCloseTo(expected, 12);
    expect(mce(reliability(p, 3, y, bins))).toBeCloseTo(0.64, 12);
  });

  it('puts a confidence on an edge into the lower bin, and all rows into some bin', () => {
    expect(reliability([0.6, 0.4, 1, 0], 2, [0, 0], 5).count).toEqual([0, 0, 1, 0, 1]);
    expect(reliability(p, 3, y).count.reduce((a, b) => a + b)).toBe(10);
  });

  it('has the adaptive calibration error of five bins of equal mass', () => {
    expect(ece(adaptiveReliability(p, 3, y, 5))).toBeCloseTo(0.235, 12);
    expect(adaptiveReliability(p, 3, y, 3).count).toEqual([3, 3, 4]);
  });

  it('decomposes the entropy of two draws', () => {
    expect(rows.reduce((sum, row) => sum + entropy(row), 0) / rows.length).toBeCloseTo(0.7398843276607152, 12);
    const agreeing = entropy([0.5, 0.5]);
    const opposed = (entropy([0.9, 0.1]) + entropy([0.1, 0.9])) / 2;
    const { total, aleatoric, epistemic } = decomposeEntropy([0.5, 0.5, 0.5, 0.5], 2, Float64Array.of(opposed, agreeing));
    expect([...total]).toEqual([Math.LN2, Math.LN2]);
    expect(aleatoric[0]).toBeCloseTo(0.3250829733914482, 12);
    expect(epistemic[0]).toBeCloseTo(0.3680642071684971, 12);
    expect(epistemic[1]).toBe(0);
    expect(entropy([1, 0])).toBe(0);
  });
});

describe('detection', () => {
  const inside = [0.1, 0.2, 0.3, 0.35, 0.4, 0.5];
  const outside = [0.3, 0.45, 0.6, 0.7, 0.9];

  it('has the hand-worked areas, with a tie across the classes', () => {
    expect(auroc(inside, outside)).toBeCloseTo(0.85, 12);
    expect(aupr(inside, outside)).toBeCloseTo(0.8711111111111111, 12);
    expect(fpr95(inside, outside)).toBeCloseTo(2 / 3, 12);
  });

  it('equals counting pairs', () => {
    const pairs = inside.flatMap((a) => outside.map((b) => (b > a ? 1 : b === a ? 0.5 : 0)));
    expect(auroc(inside, outside)).toBeCloseTo(pairs.reduce<number>((a, b) => a + b, 0) / pairs.length, 12);
  });

  it("agrees with TorchUncertainty's test of FPR95", () => {
    const of = (value: number, count: number) => Array.from({ length: count }, () => value);
    expect(fpr95([...of(0.95, 50), ...of(0.85, 50)], of(0.9, 100))).toBe(0.5);
  });

  it('says which class is missing', () => {
    expect(() => auroc([], outside)).toThrow('got 0 negatives and 5 positives');
  });
});

describe('Gaussian predictives', () => {
  const mean = [1, 2, 3];
  const sd = [0.1, 0.5, 1];
  const targets = [1.5, 3, 2];
  const bounds = (sign: number) => mean.map((m, i) => m + sign * 1.959963984540054 * sd[i]!);

  it('has the values of uncertainty-toolbox', () => {
    expect(gaussianNll(mean, sd, targets)).toBeCloseTo(4.920361108686675, 12);
    expect(mixtureNll(mean, sd, targets)).toBeCloseTo(4.920361108686675, 12); // one draw
    expect(crps(mean, sd, targets)).toBeCloseTo(0.5908061069360411, 12);
    expect(picp(bounds(-1), bounds(1), targets)).toBeCloseTo(1 / 3, 12);
    expect(mpiw(bounds(-1), bounds(1))).toBeCloseTo(2.0906282666666667, 7);
    expect(rmse(mean, targets)).toBeCloseTo(Math.sqrt(2.25 / 3), 12);
  });

  it('mixes densities, not parameters', () => {
    // Half N(−1, 1), half N(1, 1), at 0: both densities are φ(1), so the NLL is ½ log 2π + ½; its moments are 0 and 1 + 1.
    expect(mixtureNll([-1, 1], [1, 1], [0])).toBeCloseTo(0.5 * Math.log(2 * Math.PI) + 0.5, 12);
    const moments = mixtureMoments([-1, 1], [1, 2], 1);
    expect(moments.mean[0]).toBe(0);
    expect(moments.aleatoric[0]).toBeCloseTo(Math.sqrt(2.5), 12); // E σ², not (E σ)²
    expect(moments.epistemic[0]).toBe(1);
    expect(moments.total[0]).toBeCloseTo(Math.sqrt(3.5), 12);
  });

  it('survives draws whose density underflows', () => {
    expect(mixtureNll([0, 100], [0.1, 0.1], [50])).toBeCloseTo(0.5 * 500 ** 2 + Math.log(0.1) + 0.5 * Math.log(2 * Math.PI), 6);
  });

  it('integrates to the CRPS of a mixture', () => {
    const [means, sds, at] = [[-1, 0.5], [0.4, 1.2], 0.3];
    const cdf = (z: number) => (normalCdf((z - means[0]!) / sds[0]!) + normalCdf((z - means[1]!) / sds[1]!)) / 2;
    const step = 1e-3;
    let integral = 0; // ∫ (F(z) − [z ≥ y])² dz by the midpoint rule
    for (let z = -12 + step / 2; z < 12; z += step) integral += step * (cdf(z) - (z >= at ? 1 : 0)) ** 2;
    expect(crps(means, sds, [at])).toBeCloseTo(integral, 6);
  });

  it('has Φ in the middle, at the seam and in the tails', () => {
    expect(normalCdf(1.959963984540054)).toBeCloseTo(0.975, 14);
    expect(normalCdf(-4.000000001) / normalCdf(-4)).toBeCloseTo(1, 7);
    expect(normalCdf(-8)).toBeCloseTo(6.220960574271786e-16, 24);
  });
});

describe('calibration of a regression', () => {
  it('transforms values by the mixture’s distribution function', () => {
    // Two draws N(0, 1), N(2, 1) at y = 1: ½ Φ(1) + ½ Φ(−1) = ½. One row more at its mean: ½.
    expect([...pit([0, 5, 2, 5], [1, 2, 1, 2], [1, 5])]).toEqual([expect.closeTo(0.5, 12), expect.closeTo(0.5, 12)]);
    expect(pit([0], [1], [1.959963984540054])[0]).toBeCloseTo(0.975, 12);
  });
  it('is 0 for a uniform transform and known for a constant one', () => {
    expect(calibrationError(Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000))).toBeCloseTo(0, 12);
    // All rows at ½: shares 0 below level 0.5, 1 from there on; gaps Σ 0.05 … 0.45 twice and 0.5 once, over 19 levels.
    expect(calibrationError([0.5, 0.5])).toBeCloseTo((2 * 2.25 + 0.5) / 19, 12);
  });
});
