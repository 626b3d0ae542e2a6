/** @file Sequences whose best forecast is known: two sines with noise, which a model must learn, and a random walk, which none can. */
import { Evaluation } from '../../src-main/contract/experiment';
import type { RunSpecInput } from '../../src-main/contract/spec';
import { randomWalk, sineNoise, twoSines } from '../../src-main/datasets/sequence-toys';
import { rmse } from '../../src-main/engine/metrics/regression';
import { presets } from '../../src-main/engine/nn/presets';
import { atLeast, atMost, type Figure, type Row } from './row';

const draws = 100;
const epochs = 30;
const method: RunSpecInput['method'] = {
  id: 'bbp',
  settings: { draws: 1, firstEpochDraws: 1, kl: 'closed-form', initialRhoLow: -5, initialRhoHigh: -4, learningRate: 0.01, rateSchedule: 'cosine' },
};

/** What repeating the last value makes of the test rows. */
async function persistence(kind: typeof twoSines): Promise<number> {
  const { test } = await kind.load({ folder: '' }, kind.settings.parse({}));
  const window = test.x.length / test.rows;
  const last = Float32Array.from({ length: test.rows }, (_, row) => test.x[(row + 1) * window - 1]!);
  return rmse(last, test.y as Float32Array);
}

function row(kind: typeof twoSines, architecture: string, targets: (found: { rmse: number; coverage: number }, persistence: number) => readonly Figure[]): Row {
  return {
    id: `sequences/${kind.id}-${architecture}`,
    title: `${kind.title}, Bayesian ${architecture.toUpperCase()}`,
    group: 'Sequences',
    method: method.id,
    how: `${epochs} epochs of batch 100 at the full KL weight, N(0, 0.3²) prior; the last checkpoint, ${draws} draws, 1,000 test windows that share no values.`,
    minutes: 3,
    async run(workbench) {
      const run = await workbench.train(`sequences/${kind.id}-${architecture}`, {
        dataset: { id: kind.id },
        architecture: presets.find((preset) => preset.id === architecture)!.architecture,
        likelihood: { id: 'gaussian', settings: { noise: 'learnt' } },
        prior: { id: 'gaussian', settings: { sd: 0.3 } },
        method,
        training: { epochs, batchSize: 100, validationFraction: 0, validateEvery: epochs },
      });
      const found = await workbench.experiment('evaluate', [run], { draws }, Evaluation);
      if (found.task !== 'regression' || found.coverage === undefined) throw new Error('a sequence is evaluated as a regression, with its coverage');
      return targets({ rmse: found.rmse, coverage: found.coverage }, await persistence(kind));
    },
  };
}

const inIntervals = (coverage: number): readonly Figure[] => [
  atLeast('targets in 90 % intervals', 100 * coverage, 85, '%', '90 is right'),
  atMost('targets in 90 % intervals', 100 * coverage, 95, '%', '90 is right'),
];

export const sequences: readonly Row[] = [
  ...['lstm', 'gru'].map((architecture) =>
    row(twoSines, architecture, (found, persistence) => [
      atMost('RMSE over that of persistence', found.rmse / persistence, 0.8, '', 'it learns'),
      atMost('RMSE over the noise', found.rmse / sineNoise.sd, 1.2, '', 'it learns nearly all there is'),
      ...inIntervals(found.coverage),
    ]),
  ),
  row(randomWalk, 'lstm', (found, persistence) => [
    // Its own standard error is 2.2 % of 1,000 rows: whoever is far better has looked at the answer.
    atLeast('RMSE over that of persistence', found.rmse / persistence, 0.97, '', 'nothing can be better than persistence'),
    atMost('RMSE over that of persistence', found.rmse / persistence, 1.05, '', 'but it can be as good'),
    ...inIntervals(found.coverage),
  ]),
];
