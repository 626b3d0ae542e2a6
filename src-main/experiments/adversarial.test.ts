import { describe, expect, it } from 'vitest';
import { Adversarial } from '../contract/adversarial';
import type { Posterior } from '../engine/training/posterior';
import { adversarial } from './adversarial';
import { projectedAscent, signStep } from './attack';
import { contextOf, pictures, twoClasses } from './testing';

/** Class b where the first pixel is brighter than the second, with probability 1/(1 + exp(−4 (x₀ − x₁))); the gradient of −log p at y is exact. */
const chance = (x: Float32Array) => 1 / (1 + Math.exp(-4 * (x[0]! - x[1]!)));
const difference: Posterior = {
  ...twoClasses((x) => chance(x)),
  inputGradient: async (x, y) =>
    Float32Array.from(x, (_, i) => {
      const row = i >> 1;
      const b = chance(x.subarray(2 * row, 2 * row + 2));
      return (i % 2 ? -1 : 1) * 4 * (y[row] === 1 ? b - 1 : b);
    }),
};
const data = pictures([255, 0, 153, 102, 0, 255, 90, 110], [1, 1, 0, 0]);
const run = async (settings: object, dataset = data) =>
  Adversarial.parse(await adversarial.run(contextOf(dataset, difference), adversarial.settings.parse({ draws: 1, points: 3, largest: 0.4, ...settings })))
    .runs[0]!;

describe.each(['fgsm', 'pgd'] as const)('adversarial by %s', (attack) => {
  // Mutations caught: a step down the loss, a step of the gradient instead of its sign, ε ignored.
  it('makes just the rows err whose margin is below 2 ε', async () => {
    const { epsilons, error, probability, total, epistemic } = await run({ attack });
    expect(epsilons).toEqual([0, 0.2, 0.4]);
    expect(error).toEqual([0, 0.5, 0.5]); // margins 1, .2, 1, .078
    expect((await run({ attack, largest: 1.2 })).error).toEqual([0, 1, 1]);
    expect(probability.mean[1]).toBeLessThan(probability.mean[0]!);
    const margin = [1, 0.2, 1, 20 / 255].map((m) => 1 / (1 + Math.exp(-4 * (m - 0.4))));
    expect(probability.mean[1]).toBeCloseTo(margin.reduce((sum, p) => sum + p, 0) / 4, 5);
    expect(total.mean[1]).toBeGreaterThan(total.mean[0]!);
    epistemic.mean.forEach((value) => expect(value).toBeLessThan(1e-7)); // one draw knows no doubt about weights
  });

  it('keeps the pixels it shows within ε, and in range when told', async () => {
    const { images } = await run({ attack, clamp: true });
    const [first] = images!.shown;
    expect(first!.pixels).toEqual([
      [255, 0],
      [204, 51],
      [153, 102],
    ]);
    const { images: kept, probability } = await run({ attack, clamp: true }, pictures([255, 0], [0]));
    expect(kept!.shown[0]!.pixels[2]).toEqual([255, 0]); // already as wrong as pixels can be
    expect(probability.mean[2]).toBeCloseTo(probability.mean[0]!, 6);
    expect((await run({ attack }, pictures([255, 0], [0]))).probability.mean[2]).toBeLessThan(probability.mean[2]!);
  });

  it('reads ε in grey values where asked to', async () => {
    const scaling = { xMean: [0], xSd: [25.5], yMean: 0, ySd: 1 }; // the network sees 10 × the grey value
    const dataset = pictures([102, 0], [1], { scaling });
    const tenfold = { ...dataset, test: { ...dataset.test, x: dataset.test.x.map((value) => 10 * value) } };
    expect((await run({ attack, largest: 0.2, units: 'pixel' }, tenfold)).images!.shown[0]!.pixels[2]).toEqual([51, 51]);
    expect((await run({ attack, largest: 0.2 }, tenfold)).images!.shown[0]!.pixels[2]).toEqual([97, 5]);
  });
});

describe('attacks', () => {
  it('leave alone what the loss does not depend on', () => {
    expect([...signStep(Float32Array.of(1, 2, 3), Float32Array.of(-5, 0, 1e-9), 0.5, null)]).toEqual([0.5, 2, 3.5]);
  });

  it('by projected ascent take fresh draws in each step and never leave the box', async () => {
    const seeds: number[] = [];
    const posterior: Pick<Posterior, 'inputGradient'> = {
      inputGradient: async (x, _y, { seed }) => (seeds.push(seed), x.map(() => 1)),
    };
    const at = await projectedAscent(
      posterior,
      Float32Array.of(0, 5),
      Int32Array.of(0),
      { loss: 'mean-loss', draws: 1, seed: 7, range: null, steps: 4, epsilon: 0.1 },
      {},
    );
    expect(seeds).toEqual([7, 8, 9, 10]);
    [0.1, 5.1].forEach((value, i) => expect(at[i]).toBeCloseTo(value, 6));
  });

  it('refuses what is no image', async () => {
    await expect(run({}, pictures([1, 2], [0], { imageShape: null }))).rejects.toThrow('needs a classifier of images');
  });
});
