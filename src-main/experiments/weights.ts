/** @file What the weights have become: histograms of means, spreads and draws of each layer, beside the prior. */
import { z } from 'zod';
import { WorkbenchError } from '../contract/errors';
import { WeightHistograms, type LayerWeights, type WeighedRun } from '../contract/weights';
import type { WeightMoments } from '../engine/training/weight-posterior';
import { defineExperiment, drawSeed, ofEachRun, type ExperimentContext, type TrainedRun } from './experiment';

const Settings = z.strictObject({
  draws: z.int().min(1).max(1000).default(10).meta({
    title: 'Draws',
    description: 'Draws of all weights whose histogram is shown; also those that means and spreads are estimated from, where the method does not know them.',
  }),
  bins: z.int().min(10).max(1000).default(100).meta({ title: 'Bins', advanced: true }),
  seed: drawSeed,
});
type Settings = z.output<typeof Settings>;

export const weights = defineExperiment({
  id: 'weights',
  title: 'Weights',
  reference: 'Blundell et al. (2015), Weight Uncertainty in Neural Networks, fig. 5',
  help: 'Shows how the weights are spread after training: the means, draws from the posterior and the prior they started from, layer by layer, and how unsure each weight is. Weights whose spread is larger than their mean can often be removed: see Pruning.',
  settings: Settings,
  result: WeightHistograms,
  async run(context, settings) {
    const runs = await ofEachRun(context, (run, own) => weigh(run, own, settings));
    return { runs };
  },
});

async function weigh(
  { id, name, dataset, weights }: TrainedRun,
  { signal, report }: Pick<ExperimentContext, 'signal' | 'report'>,
  { draws, bins, seed }: Settings,
): Promise<WeighedRun> {
  const count = weights.count(draws);
  const { exact, tensors } = await weights.moments({ draws, seed });
  const kernels = tensors.filter(({ role }) => role === 'kernel');
  if (kernels.length === 0) throw new WorkbenchError('unsupported', `${name} has no layer with Bayesian weights; choose a run with one`);
  // Every tensor on its own, and all kernels together, as the reference shows them.
  const groups = [{ name: 'all kernels', tensors: kernels }, ...tensors.map((tensor) => ({ name: tensor.name, tensors: [tensor] }))].map((group) =>
    newGroup(group, bins),
  );
  for (let s = 0; s < count; s++) {
    if (signal.aborted) throw new WorkbenchError('cancelled', 'The study was cancelled');
    report(s / count, `draw ${s + 1} of ${count}`);
    const drawn = await weights.draw(s, count, seed);
    for (const { tensors, draws } of groups) for (const tensor of tensors) draws.add(drawn[tensor.name]!.data);
  }
  return { run: id, name, dataset: dataset.title, draws: count, exact, layers: groups.map(describe) };
}

interface Group {
  readonly name: string;
  readonly tensors: readonly WeightMoments[];
  readonly draws: Histogram;
}

/** The range holds every mean ± 3 standard deviations of the draws. */
function newGroup({ name, tensors }: Pick<Group, 'name' | 'tensors'>, bins: number): Group {
  let [square, count, top] = [0, 0, 0];
  for (const { mean, sd } of tensors) {
    for (let i = 0; i < mean.length; i++) {
      square += mean[i]! ** 2 + sd[i]! ** 2;
      top = Math.max(top, Math.abs(mean[i]!) + sd[i]!);
    }
    count += mean.length;
  }
  const reach = Math.min(top, 5 * Math.sqrt(square / count)) || 1;
  return { name, tensors, draws: new Histogram(-reach, reach, bins) };
}

function describe({ name, tensors, draws }: Group): LayerWeights {
  const { low, high, bins } = draws;
  const means = new Histogram(low, high, bins);
  let [weights, size, spread, uncertain, widest] = [0, 0, 0, 0, 0];
  for (const { mean, sd } of tensors) {
    means.add(mean);
    weights += mean.length;
    for (let i = 0; i < mean.length; i++) {
      size += Math.abs(mean[i]!);
      spread += sd[i]!;
      widest = Math.max(widest, sd[i]!);
      if (Math.abs(mean[i]!) < sd[i]!) uncertain++;
    }
  }
  const spreads = new Histogram(0, widest || 1, bins);
  if (widest > 0) for (const { sd } of tensors) spreads.add(sd);
  const middle = draws.edges.slice(1).map((edge, i) => (edge + draws.edges[i]!) / 2);
  const prior = middle.map((w) => tensors.reduce((sum, tensor) => sum + tensor.mean.length * Math.exp(tensor.prior.density(w)), 0) / weights);
  return {
    name,
    weights,
    meanSize: size / weights,
    meanSd: spread / weights,
    uncertain: uncertain / weights,
    edges: draws.edges,
    densities: [
      { name: 'means', density: means.density() },
      { name: 'draws', density: draws.density() },
      { name: 'prior', density: prior },
    ],
    sdEdges: spreads.edges,
    sdDensity: widest > 0 ? spreads.density() : [],
  };
}

/** Counts in bins of equal width; what lies outside counts in the total only. */
class Histogram {
  readonly #counts: Float64Array;
  #total = 0;

  constructor(
    readonly low: number,
    readonly high: number,
    readonly bins: number,
  ) {
    this.#counts = new Float64Array(bins);
  }

  get edges(): number[] {
    return Array.from({ length: this.bins + 1 }, (_, i) => this.low + (i * (this.high - this.low)) / this.bins);
  }

  add(values: ArrayLike<number>): void {
    const scale = this.bins / (this.high - this.low);
    for (let i = 0; i < values.length; i++) {
      const at = (values[i]! - this.low) * scale;
      if (at >= 0 && at <= this.bins) this.#counts[Math.min(this.bins - 1, Math.floor(at))]!++;
    }
    this.#total += values.length;
  }

  density(): number[] {
    const width = (this.high - this.low) / this.bins;
    return Array.from(this.#counts, (count) => count / (this.#total * width));
  }
}
