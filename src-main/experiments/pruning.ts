/** @file How many weights does the posterior need? Removes those it is least sure of, and measures again. */
import { z } from 'zod';
import { WorkbenchError } from '../contract/errors';
import type { PartialPrediction } from '../contract/experiment';
import { Pruning, type PrunedRun } from '../contract/weights';
import { nll, predictedClasses } from '../engine/metrics/classification';
import { hostUniforms } from '../engine/numerics/host-random';
import type { WeightMoments } from '../engine/training/weight-posterior';
import { defineExperiment, drawSeed, ofEachRun, type ExperimentContext, type TrainedRun } from './experiment';
import { tellClasses } from './partial';

const Settings = z.strictObject({
  draws: z.int().min(1).max(10_000).default(100).meta({ title: 'Draws', description: 'Weight draws averaged in the predictive after each removal.' }),
  rows: z.int().min(1).max(1_000_000).default(10_000).meta({ title: 'Rows', description: 'At most this many test rows, the first ones.' }),
  by: z.enum(['both', 'snr', 'kl']).default('both').meta({
    title: 'Remove first',
    description: 'Weights of the least signal-to-noise ratio |μ|/σ, or of the least KL divergence to the prior, or both in turn.',
  }),
  klDraws: z
    .int()
    .min(1)
    .max(1000)
    .default(20)
    .meta({ title: 'KL draws', description: 'Draws of each weight that its KL divergence is estimated from.', advanced: true }),
  seed: drawSeed,
});
type Settings = z.output<typeof Settings>;

/** Those of the reference repository. */
export const removedShares = [0, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.99, 0.995] as const;

const criteria = {
  snr: { title: 'Signal-to-noise ratio', unit: 'dB' },
  kl: { title: 'KL divergence to the prior', unit: 'nats' },
} as const;

export const pruning = defineExperiment({
  id: 'pruning',
  title: 'Pruning',
  reference:
    'Blundell et al. (2015), Weight Uncertainty in Neural Networks, sec. 5.2 and table 2; Graves (2011), Practical Variational Inference for Neural Networks',
  help: 'Removes the weights that the posterior is least sure of and measures the error again. A Bayesian network often works as well without most of its weights. The spread of each weight is that of the draws: exact for factorised posteriors, estimated for others.',
  settings: Settings,
  result: Pruning,
  async run(context, settings) {
    const runs = await ofEachRun(context, (run, own) => prune(run, own, settings));
    return { runs };
  },
});

async function prune(
  { id, name, dataset, weights }: TrainedRun,
  { signal, report }: Pick<ExperimentContext, 'signal' | 'report'>,
  settings: Settings,
): Promise<PrunedRun> {
  const { draws, seed } = settings;
  if (dataset.task.kind !== 'classification')
    throw new WorkbenchError('unsupported', `Pruning measures classification errors, but ${name} is a regression; choose a classifier`);
  const { exact, tensors } = await weights.moments({ draws, seed });
  if (tensors.every(({ sd }) => sd.every((value) => value === 0)))
    throw new WorkbenchError('unsupported', `${name} has one value for each weight, so no weight is less sure than another; choose a run of a Bayesian method`);
  const rows = Math.min(settings.rows, dataset.test.rows);
  const x = dataset.test.x.subarray(0, (rows * dataset.test.x.length) / dataset.test.rows);
  const y = dataset.test.y.subarray(0, rows);
  const total = tensors.reduce((sum, { mean }) => sum + mean.length, 0);
  const chosen = settings.by === 'both' ? (['snr', 'kl'] as const) : [settings.by];

  const measured: PrunedRun['criteria'] = [];
  for (const [c, by] of chosen.entries()) {
    const scores = by === 'snr' ? tensors.map(signalToNoise) : tensors.map((tensor) => klPerWeight(tensor, settings));
    const sorted = new Float64Array(total);
    scores.reduce((at, values) => (sorted.set(values, at), at + values.length), 0);
    sorted.sort();
    const points: PrunedRun['criteria'][number]['points'] = [];
    for (const [p, removed] of removedShares.entries()) {
      const cut = Math.floor(removed * total);
      const threshold = cut === 0 ? null : sorted[cut]!;
      const kept = Object.fromEntries(
        tensors.map((tensor, t) => [tensor.name, Uint8Array.from(scores[t]!, (score) => (threshold === null || score >= threshold ? 1 : 0))]),
      );
      const pruned = weights.masked(kept);
      try {
        const done = (c * removedShares.length + p) / (chosen.length * removedShares.length);
        const message = `without ${(100 * removed).toFixed(1)} % by ${criteria[by].title.toLowerCase()}`;
        const tell = (fraction: number, partial?: PartialPrediction) => report(done + fraction / (chosen.length * removedShares.length), message, partial);
        const options = { draws, seed, signal, report: tell };
        const { probabilities, classes } = await pruned.classify(x, rows, options, tellClasses({ rows: message, of: pruned.count(draws), y }, tell));
        const wrong = predictedClasses(probabilities, classes).reduce((sum, k, row) => sum + (k === y[row] ? 0 : 1), 0);
        const left = Object.values(kept).reduce((sum, mask) => sum + mask.reduce((a, b) => a + b, 0), 0);
        points.push({ removed, kept: left, threshold, error: wrong / rows, nll: nll(probabilities, classes, y) });
      } finally {
        await pruned.close();
      }
    }
    measured.push({ id: by, ...criteria[by], points });
  }
  return { run: id, name, dataset: dataset.title, draws: weights.count(draws), rows, weights: total, exact, criteria: measured };
}

/** 10 log₁₀(|μ|/σ) of each weight, dB; a weight without spread is certain. */
export const signalToNoise = ({ mean, sd }: Pick<WeightMoments, 'mean' | 'sd'>): Float64Array =>
  mean.map((m, i) => (sd[i] === 0 ? 400 : 10 * Math.log10(Math.max(Math.abs(m) / sd[i]!, 1e-40))));

/** E_q [log q(w) − log p(w)] of each weight, q = N(μ, σ²), from `klDraws` draws with exact E log q; nats. */
export function klPerWeight(
  { mean, sd, prior }: Pick<WeightMoments, 'mean' | 'sd' | 'prior'>,
  { klDraws, seed }: Pick<Settings, 'klDraws' | 'seed'>,
): Float64Array {
  // The same standard normals for every weight, in pairs ±z: the comparison between weights has no noise of its own.
  const uniform = hostUniforms(seed, 0, 'kl per weight');
  const half = Array.from({ length: Math.ceil(klDraws / 2) }, () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
  const scale = Math.sqrt(half.length / half.reduce((sum, z) => sum + z * z, 0)); // of second moment 1
  const z = half.flatMap((value) => [scale * value, -scale * value]);
  return mean.map((m, i) => {
    const s = sd[i]!;
    if (s === 0) return 1e300;
    const logPrior = z.reduce((sum, value) => sum + prior.density(m + s * value), 0) / z.length;
    return -Math.log(s) - 0.5 * Math.log(2 * Math.PI) - 0.5 - logPrior;
  });
}
