/**
 * @file The two Gaussian-process toy regressions: homoscedastic and heteroscedastic noise, with the exact posterior as reference.
 * The mean of y is not subtracted: the data must stay a draw from the process whose posterior is called exact.
 */
import { z } from 'zod';
import { defineDataset, type DatasetKind, type RawPart } from './dataset';
import { gaussianProcessPosterior, sampleGaussianProcess } from './gaussian-process';
import { seeded } from './generator';
import { hashParts } from './hash';

const points = 400;
/** Training rows by index after sorting: the middle 250, so that both ends ask for extrapolation. */
const middle = { from: 75, to: 325 };

const Settings = z.object({
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(2)
    .meta({ title: 'Seed of the data', description: 'Another seed draws another function and other noise.' }),
});

const part = (x: readonly number[], y: readonly number[]): RawPart => ({ rows: x.length, x: Float32Array.from(x), y: Float32Array.from(y) });

function toy(
  { noise, ...card }: { id: string; title: string; description: string; noise: 'learnt' | 'per-input' },
  noiseSd: (x: number) => number,
): DatasetKind<typeof Settings> {
  const generate = (seed: number) => {
    const generator = seeded(seed);
    const x = Array.from({ length: points }, () => generator.uniform(-3, 3)).sort((a, b) => a - b);
    const y = sampleGaussianProcess(x, noiseSd, generator);
    const isMiddle = (_: number, i: number) => i >= middle.from && i < middle.to;
    const isEnd = (_: number, i: number) => !isMiddle(_, i);
    return { train: part(x.filter(isMiddle), y.filter(isMiddle)), test: part(x.filter(isEnd), y.filter(isEnd)) };
  };
  const rows = { train: middle.to - middle.from, test: points - middle.to + middle.from };
  return defineDataset({
    ...card,
    task: 'regression',
    inputShape: [1],
    classes: [],
    target: { name: 'y', unit: '' },
    citation:
      'Data as in the regression notebooks of J. Antorán, Bayesian-Neural-Networks (2019), drawn with our own generator; noise sd of the heteroscedastic set with the sign mended.',
    licence: 'CC0',
    recommended: {
      architecture: '1x200',
      likelihood: { id: 'gaussian', settings: { noise } },
      prior: { id: 'gaussian', settings: { sd: 1 } },
      training: { epochs: 2000, batchSize: 0 },
      method: { learningRate: 0.01, klWeight: 0.1 }, // as the notebooks: at the full weight the mean-field posterior of 200 units falls back to the prior
    },
    settings: Settings,
    source: 'generated',
    stored: () => Promise.resolve({ rows, bytes: 0, hash: null }),
    prepare: () => Promise.resolve(), // made in milliseconds at each load
    load(_context, { seed }) {
      const raw = generate(seed);
      return Promise.resolve({ ...raw, hash: hashParts(raw) });
    },
    exactPredictive: ({ x, y }) => gaussianProcessPosterior([...x], [...y], noiseSd),
  });
}

export const toyHomoscedastic = toy(
  {
    id: 'toy-homoscedastic',
    title: 'Toy regression, constant noise',
    description:
      '400 points on [−3, 3] of a function drawn from a Gaussian process, with noise of sd 0.3. Trained on the middle 250; the exact posterior is known.',
    noise: 'learnt',
  },
  () => 0.3,
);

export const toyHeteroscedastic = toy(
  {
    id: 'toy-heteroscedastic',
    title: 'Toy regression, varying noise',
    description:
      '400 points on [−3, 3] of a function drawn from a Gaussian process, with noise of sd 0.3·|x + 2|. Trained on the middle 250; the exact posterior is known.',
    noise: 'per-input',
  },
  (x) => Math.abs((x + 2) * 0.3),
);
