/** @file Two drawn series whose best forecast is known: two sines with autoregressive noise, and a random walk. */
import { z } from 'zod';
import { defineDataset, type DatasetKind, type RawPart } from './dataset';
import { seeded, type Generator } from './generator';
import { hashParts } from './hash';
import { slidingWindows } from './windows';

const window = 32;
const rows = { train: 10_000, test: 1000 };

/** Standard deviation of what no forecast of the sines can know, and how much of the noise the next step keeps. */
export const sineNoise = { sd: 0.1, kept: 0.5 };

const Settings = z.object({
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1)
    .meta({ title: 'Seed of the data', description: 'Another seed draws other noise.' }),
});

/** Windows that share no values, so that their targets are independent pieces of evidence. */
const separate = (series: Float64Array): RawPart => slidingWindows([series], series, { window, horizon: 1, stride: window + 1 });

/** y(t) = sin(2πt/25) + ½ sin(2πt/60) + e(t), e(t) = ½ e(t − 1) + 0.1 ε(t). */
function sines(steps: number, generator: Generator): RawPart {
  let noise = 0;
  const series = Float64Array.from({ length: steps }, (_, t) => {
    noise = sineNoise.kept * noise + generator.normal(0, sineNoise.sd);
    return Math.sin((2 * Math.PI * t) / 25) + 0.5 * Math.sin((2 * Math.PI * t) / 60) + noise;
  });
  return separate(series);
}

/** y(t) = y(t − 1) + ε(t); each window begins at a level of its own, so that test levels are no others than those of training. */
function walks(steps: number, generator: Generator): RawPart {
  let level = 0;
  const series = Float64Array.from({ length: steps }, (_, t) => (level = t % (window + 1) === 0 ? generator.normal(0, 5) : level + generator.normal()));
  return separate(series);
}

function sequence(
  card: { readonly id: string; readonly title: string; readonly description: string },
  draw: (steps: number, generator: Generator) => RawPart,
): DatasetKind<typeof Settings> {
  return defineDataset({
    ...card,
    task: 'regression',
    inputShape: [window, 1],
    classes: [],
    target: { name: 'next value', unit: '' },
    citation: 'Drawn by Credence',
    licence: 'CC0',
    recommended: {
      architecture: 'lstm',
      likelihood: { id: 'gaussian', settings: { noise: 'learnt' } },
      prior: { id: 'gaussian', settings: { sd: 0.3 } },
      training: { epochs: 20, batchSize: 100 },
      method: { learningRate: 0.005, draws: 1, firstEpochDraws: 1, initialRhoLow: -5, initialRhoHigh: -4 },
    },
    settings: Settings,
    source: 'generated',
    stored: () => Promise.resolve({ rows, bytes: 0, hash: null }),
    prepare: () => Promise.resolve(), // made in milliseconds at each load
    load(_context, { seed }) {
      const part = (count: number, which: number) => draw(count * (window + 1), seeded(seed, which));
      const raw = { train: part(rows.train, 0), test: part(rows.test, 1) };
      return Promise.resolve({ ...raw, hash: hashParts(raw) });
    },
  });
}

export const twoSines = sequence(
  {
    id: 'two-sines',
    title: 'Two sines with noise',
    description:
      'The next value of a series after 32 others: two sines of periods 25 and 60, with autoregressive noise. No forecast can be better than a root mean squared error of 0.1; repeating the last value has about 0.21.',
  },
  sines,
);

export const randomWalk = sequence(
  {
    id: 'random-walk',
    title: 'Random walk',
    description:
      'The next value of a random walk after 32 others. Repeating the last value is the best forecast there is, with a root mean squared error of 1: an honest model is no better, and says so in its uncertainty.',
  },
  walks,
);
