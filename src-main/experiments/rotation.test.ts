import { describe, expect, it } from 'vitest';
import { Rotation } from '../contract/rotation';
import { anglesOf, rotation } from './rotation';
import { contextOf, pictures, twoClasses } from './testing';

/** 2 × 2 images: the class is which of the two upper pixels is bright; turned by 90° the bright pixel moves by one corner. */
const corners = { inputShape: [2, 2, 1], imageShape: [2, 2] } as const;
const leftAndRight = pictures([255, 0, 0, 0, 0, 255, 0, 0], [0, 1], corners);
const run = async (posterior: Parameters<typeof contextOf>[1], settings: object, dataset = leftAndRight) =>
  Rotation.parse(await rotation.run(contextOf(dataset, posterior), rotation.settings.parse({ image: 0, draws: 2, ...settings }))).runs[0]!;

describe('rotation', () => {
  it('takes the reference’s angles', () => {
    expect(anglesOf(10)).toEqual([0, 19, 39, 59, 79, 99, 119, 139, 159, 179]);
    expect(anglesOf(16)).toEqual([0, 11, 23, 35, 47, 59, 71, 83, 95, 107, 119, 131, 143, 155, 167, 179]);
  });

  it('shows one image at its angles, upright first, with the probabilities of each', async () => {
    const { one, classes } = await run(
      twoClasses((x) => (x[0]! > 0.9 ? 0.1 : 0.7)),
      { imageAngles: 3 },
    );
    expect(one).toMatchObject({ row: 0, label: 0, angles: [0, 89, 179] });
    expect([one.pixels[0], one.pixels.length, classes]).toEqual([[255, 0, 0, 0], 3, ['a', 'b']]);
    expect(one.pixels[1]).not.toEqual(one.pixels[0]);
    [0.1, 0.7, 0.7].forEach((p, i) => expect(one.probabilities[i]![1]).toBeCloseTo(p, 6));
  });

  // Mutations caught: the probability of the predicted instead of the true class; the sd of the mean instead of that of the images.
  it('averages the probability of the true class and the entropies over the images', async () => {
    const { all } = await run(
      twoClasses((x, draw) => (x[0]! > 0.9 ? 0.2 : draw % 2 ? 1 : 0)),
      { angles: 2 },
    );
    expect(all.rows).toBe(2);
    expect(all.probability.mean[0]).toBeCloseTo((0.8 + 0.5) / 2, 6); // image 0 sure of a: .8; image 1, truly b: half of the draws
    expect(all.probability.sd[0]).toBeCloseTo(0.15, 6);
    expect(all.epistemic.mean[0]).toBeCloseTo(Math.LN2 / 2, 6);
    expect(all.epistemic.sd[0]).toBeCloseTo(Math.LN2 / 2, 6);
    const h = -0.2 * Math.log(0.2) - 0.8 * Math.log(0.8);
    expect(all.aleatoric.mean[0]).toBeCloseTo(h / 2, 6);
    all.total.mean.forEach((total, i) => expect(total).toBeCloseTo(all.aleatoric.mean[i]! + all.epistemic.mean[i]!, 6));
  });

  it('refuses an image that is not there, and what is no image, in one sentence each', async () => {
    const sure = twoClasses(() => 0.1);
    await expect(run(sure, { image: 2 })).rejects.toThrow('By hand has 2 test images; choose one from 0 to 1');
    await expect(run(sure, {}, pictures([1, 2], [0], { imageShape: null, inputShape: [2] }))).rejects.toThrow('needs a classifier of grey images');
  });
});
