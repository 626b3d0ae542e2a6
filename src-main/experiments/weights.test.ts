import { describe, expect, it } from 'vitest';
import { Pruning, WeightHistograms } from '../contract/weights';
import { float32 } from '../engine/numerics/host-tensor';
import { hostUniforms } from '../engine/numerics/host-random';
import { priors } from '../engine/probability/priors';
import type { WeightMoments, WeightPosterior } from '../engine/training/weight-posterior';
import { klPerWeight, pruning, signalToNoise } from './pruning';
import { contextOf, pictures, twoClasses } from './testing';
import { weights as study } from './weights';

const prior = priors.gaussian.build({ sd: 1 });
const tensor = (mean: number[], sd: number[], name = 'dense1.kernel'): WeightMoments => ({
  name,
  role: 'kernel',
  prior,
  mean: Float64Array.from(mean),
  sd: Float64Array.from(sd),
});

it('signal-to-noise is 10 log₁₀ |μ|/σ, and a weight without spread comes last', () => {
  const [a, b, c] = signalToNoise(tensor([1, -0.1, 0.5], [1, 1, 0]));
  expect(a).toBeCloseTo(0, 12);
  expect(b).toBeCloseTo(-10, 12);
  expect(c).toBeGreaterThan(100);
});

describe('KL per weight', () => {
  it('is the closed form for a Gaussian prior, from few draws', () => {
    const { mean, sd } = tensor([0, 0.3, -2], [1, 0.1, 0.5]);
    const exact = [...mean].map((m, i) => -Math.log(sd[i]!) + (sd[i]! ** 2 + m ** 2) / 2 - 0.5);
    klPerWeight({ mean, sd, prior }, { klDraws: 20, seed: 1 }).forEach((kl, i) => expect(kl).toBeCloseTo(exact[i]!, 10));
  });

  it('agrees with quadrature under a Laplace prior', () => {
    const laplace = priors.laplace.build({ scale: 0.5 });
    const [m, s] = [0.3, 0.4];
    let exact = 0;
    for (let w = m - 6 * s; w < m + 6 * s; w += 1e-4) {
      const logQ = -0.5 * ((w - m) / s) ** 2 - Math.log(s) - 0.5 * Math.log(2 * Math.PI);
      exact += 1e-4 * Math.exp(logQ) * (logQ - laplace.density(w));
    }
    expect(klPerWeight({ ...tensor([m], [s]), prior: laplace }, { klDraws: 4000, seed: 1 })[0]).toBeCloseTo(exact, 1);
  });
});

/** One kernel of four weights; the posterior predicts class b from how many weights are kept. */
function fourWeights(): { weights: WeightPosterior; asked: number[][] } {
  const moments = tensor([4, 3, 2, 0.1], [1, 1, 1, 1]);
  const asked: number[][] = [];
  const weights: WeightPosterior = {
    count: (requested) => requested,
    moments: async () => ({ exact: true, tensors: [moments] }),
    draw: async (s) => ({
      [moments.name]: float32(
        [4],
        Float32Array.from(moments.mean, (m) => m + (s % 2 ? 1 : -1)),
      ),
    }),
    masked(kept) {
      asked.push([...kept[moments.name]!]);
      return twoClasses(() => kept[moments.name]!.reduce((a, b) => a + b, 0) / 5 + 0.05);
    },
  };
  return { weights, asked };
}
const images = pictures([0, 0, 255, 255], [1, 1]);
const contextWith = (weights: WeightPosterior) => {
  const context = contextOf(
    images,
    twoClasses(() => 0.5),
  );
  return { ...context, runs: [{ ...context.runs[0]!, weights }] };
};

// Mutations caught: removing the surest first; ties at the threshold; the share of one tensor instead of all.
it('removes the least sure weights first and measures what is left', async () => {
  const { weights, asked } = fourWeights();
  const result = Pruning.parse(await pruning.run(contextWith(weights), pruning.settings.parse({ by: 'snr', draws: 2 })));
  const [{ criteria, weights: total }] = result.runs as [(typeof result.runs)[number]];
  expect([total, criteria.length]).toEqual([4, 1]);
  expect(criteria[0]!.points.map(({ removed, kept }) => [removed, kept])).toEqual([
    [0, 4],
    [0.1, 4],
    [0.2, 4],
    [0.4, 3],
    [0.6, 2],
    [0.8, 1],
    [0.9, 1],
    [0.99, 1],
    [0.995, 1],
  ]);
  expect(asked[3]).toEqual([1, 1, 1, 0]);
  expect(asked[4]).toEqual([1, 1, 0, 0]);
  // Class b, the truth of both rows, has probability kept/5 + 0.05: right with 4 and 3 weights only.
  expect(criteria[0]!.points.map(({ error }) => error)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 1]);
  expect(criteria[0]!.points[5]!.nll).toBeCloseTo(-Math.log(0.25), 6);
});

it('refuses a point estimate in one sentence', async () => {
  const weights: WeightPosterior = { ...fourWeights().weights, moments: async () => ({ exact: false, tensors: [tensor([1, 2], [0, 0])] }) };
  await expect(pruning.run(contextWith(weights), pruning.settings.parse({}))).rejects.toThrow('test has one value for each weight');
});

it('histograms are densities, and the prior is drawn on their scale', async () => {
  const random = hostUniforms(3, 0, 'weights');
  const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const mean = Array.from({ length: 20_000 }, normal);
  const moments = tensor(
    mean,
    mean.map(() => 0.5),
  );
  const weights: WeightPosterior = {
    ...fourWeights().weights,
    moments: async () => ({ exact: true, tensors: [moments] }),
    draw: async () => ({
      [moments.name]: float32(
        [mean.length],
        Float32Array.from(mean, (m) => m + 0.5 * normal()),
      ),
    }),
  };
  const result = WeightHistograms.parse(await study.run(contextWith(weights), study.settings.parse({ draws: 2, bins: 40 })));
  const [all, own] = result.runs[0]!.layers;
  expect([all!.name, own!.name, all!.weights]).toEqual(['all kernels', 'dense1.kernel', 20_000]);
  expect(all!.densities).toEqual(own!.densities);
  expect(all!.meanSize).toBeCloseTo(Math.sqrt(2 / Math.PI), 1);
  expect(all!.meanSd).toBeCloseTo(0.5, 10);
  expect(all!.uncertain).toBeCloseTo(0.383, 1); // P(|z| < ½)
  const width = all!.edges[1]! - all!.edges[0]!;
  for (const { name, density } of all!.densities)
    expect(
      density.reduce((sum, value) => sum + value * width, 0),
      name,
    ).toBeCloseTo(1, 2);
  const [means, draws, ofPrior] = all!.densities;
  const peak = (density: number[]) => Math.max(...density);
  expect(peak(ofPrior!.density)).toBeCloseTo(1 / Math.sqrt(2 * Math.PI), 2);
  expect(peak(draws!.density)).toBeLessThan(peak(means!.density)); // wider: variance 1.25
});
