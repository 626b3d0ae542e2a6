/**
 * @file The Gaussian-process toys: over ten draws of the data, what a posterior says of the held-out ends beside MAP's prediction, and whether it
 * is less sure where there are no data.
 */
import { Evaluation } from '../../src-main/contract/experiment';
import type { RunSpecInput } from '../../src-main/contract/spec';
import { presets } from '../../src-main/engine/nn/presets';
import { atLeast, type Figure, type Row } from './row';
import type { Workbench } from './workbench';

const seeds = Array.from({ length: 10 }, (_, i) => i + 1);
const draws = 100;
const epochs = 2000;

interface Toy {
  readonly dataset: string;
  readonly title: string;
  readonly noise: string;
  readonly priorSd: number;
  readonly klWeight: number;
}

async function examine(workbench: Workbench, { dataset, noise, priorSd }: Toy, method: RunSpecInput['method'], seed: number) {
  const run = await workbench.train(`toys/${dataset} ${method.id} ${seed}`, {
    dataset: { id: dataset, settings: { seed } },
    architecture: presets.find(({ id }) => id === '1x200')!.architecture,
    likelihood: { id: 'gaussian', settings: { noise } },
    prior: { id: 'gaussian', settings: { sd: priorSd } },
    method,
    training: { epochs, batchSize: 0, validationFraction: 0, validateEvery: epochs },
  });
  const found = await workbench.experiment('evaluate', [run], { draws }, Evaluation);
  if (found.task !== 'regression' || !found.bands) throw new Error('a toy is a regression in one dimension');
  return { logDensity: -found.nll, bands: found.bands };
}

/** Values of a band at the grid's point nearest to x. */
const at = (bands: { readonly x: readonly number[]; readonly total: readonly number[] }, x: number): number => {
  const nearest = bands.x.reduce((best, value, i) => (Math.abs(value - x) < Math.abs(bands.x[best]! - x) ? i : best), 0);
  return bands.total[nearest]!;
};

function row(toy: Toy): Row {
  const map = { id: 'map', settings: { learningRate: 0.01 } };
  const bbp = { id: 'bbp', settings: { learningRate: 0.01, klWeight: toy.klWeight, firstEpochDraws: 3 } };
  return {
    id: `toys/${toy.dataset}`,
    title: toy.title,
    group: 'Gaussian-process toys',
    method: 'bbp',
    how: `1 × 200, prior N(0, ${toy.priorSd}²), ${epochs} full-batch epochs of Adam 0.01, KL weight ${toy.klWeight}, ${draws} draws, ${seeds.length} seeds of the data; the rows held out by the reference's split.`,
    minutes: 2,
    async run(workbench): Promise<Figure[]> {
      const gains: number[] = [];
      const widenings: number[] = [];
      for (const seed of seeds) {
        const point = await examine(workbench, toy, map, seed);
        const posterior = await examine(workbench, toy, bbp, seed);
        gains.push(posterior.logDensity - point.logDensity);
        widenings.push(Math.min(at(posterior.bands, -5), at(posterior.bands, 5)) / at(posterior.bands, 0));
      }
      const mean = gains.reduce((a, b) => a + b) / gains.length;
      const error = Math.sqrt(gains.reduce((total, gain) => total + (gain - mean) ** 2, 0) / (gains.length * (gains.length - 1)));
      return [
        atLeast('log density above MAP’s', mean, 2 * error, 'nats per row', '2 SE over the seeds'),
        atLeast('predictive sd at |x| = 5 over that at 0, least seed', Math.min(...widenings), 1, '', 'wider where there are no data'),
      ];
    },
  };
}

export const toys: readonly Row[] = [
  // As the notebooks, and the card of the dataset.
  row({ dataset: 'toy-homoscedastic', title: 'Bayes by Backprop, constant noise', noise: 'learnt', priorSd: 1, klWeight: 0.1 }),
  // At a tenth of the KL the noise learnt beyond the data is as certain as within them: one seed of ten was no wider there.
  row({ dataset: 'toy-heteroscedastic', title: 'Bayes by Backprop, noise per input', noise: 'per-input', priorSd: 0.3, klWeight: 1 }),
];
