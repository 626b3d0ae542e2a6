/** @file Have a sampler's chains mixed, and was its step right? */
import { z } from 'zod';
import { ChainDiagnosis, type DiagnosedRun } from '../contract/chains';
import { WorkbenchError } from '../contract/errors';
import { centred, meanOf, varianceOf } from '../engine/metrics/chains';
import { effectiveSampleSize } from '../engine/metrics/ess';
import { hostUniforms } from '../engine/numerics/host-random';
import type { HostTensors } from '../engine/numerics/host-tensor';
import { adviseOn, tooFewDraws } from './chain-advice';
import { ChainRecord } from './chain-record';
import { defineExperiment, ofEachRun, type ExperimentContext, type TrainedRun } from './experiment';

const Settings = z.strictObject({
  rows: z.int().min(1).max(1000).default(20).meta({
    title: 'Test rows',
    description: 'Rows, evenly spaced over the test part, whose predictions are followed along the chains. Their labels are not used.',
  }),
  weights: z.int().min(1).max(10_000).default(100).meta({ title: 'Weights', description: 'Weights, chosen at random, that are followed along the chains.' }),
  lags: z
    .int()
    .min(1)
    .max(1000)
    .default(40)
    .meta({ title: 'Lags', unit: 'draws', description: 'How far apart two draws are compared, for the autocorrelation.', advanced: true }),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1)
    .meta({ title: 'Seed', description: 'Fixes which weights are followed.', advanced: true }),
});
type Settings = z.output<typeof Settings>;

export const chains = defineExperiment({
  id: 'chains',
  title: 'Chains',
  reference:
    'Vehtari et al. (2021), Rank-Normalization, Folding, and Localization: An Improved R̂; function space: Izmailov et al. (2021), What Are Bayesian Neural Network Posteriors Really Like?, sec. 4',
  help: 'Follows single predictions and single weights along the chains of a sampler. Chains that started apart and now tell the same have probably found the posterior: R̂ near 1. The effective sample size says how many independent draws they are worth. Predictions count: equal networks may have quite different weights.',
  settings: Settings,
  result: ChainDiagnosis,
  async run(context, settings) {
    const runs = await ofEachRun(context, (run, own) => diagnose(run, own, settings));
    return { runs };
  },
});

async function diagnose(run: TrainedRun, { signal, report }: Pick<ExperimentContext, 'signal' | 'report'>, settings: Settings): Promise<DiagnosedRun> {
  const { dataset, chains } = run;
  if (!chains)
    throw new WorkbenchError(
      'unsupported',
      `${run.name} has kept no draws of a chain; choose a run of a sampler, such as SGLD or SG-HMC, that has passed its burn-in`,
    );
  const rows = Math.min(settings.rows, dataset.test.rows);
  if (rows === 0) throw new WorkbenchError('invalid-spec', `${dataset.title} has no test rows whose predictions could be followed`);
  const width = dataset.test.x.length / dataset.test.rows;
  const places = Array.from({ length: rows }, (_, i) => Math.floor((i * dataset.test.rows) / rows));
  const x = new Float32Array(rows * width);
  places.forEach((row, i) => x.set(dataset.test.x.subarray(row * width, (row + 1) * width), i * width));

  const classes = dataset.task.kind === 'classification' ? dataset.classes : null;
  const [predictions, weights, temperatures] = [new ChainRecord(), new ChainRecord(), new ChainRecord()];
  let followed: readonly Place[] = [];
  await chains.visit(
    x,
    rows,
    dataset.train,
    (draw) => {
      if (followed.length === 0) followed = chooseWeights(draw.weights, settings);
      weights.add(
        draw,
        followed.map(({ parameter, index }) => draw.weights[parameter]!.data[index]!),
      );
      predictions.add(draw, classes ? centred(draw.outputs, draw.outputs.length / rows) : draw.outputs);
      temperatures.add(draw, [draw.temperature]);
    },
    { signal, report: (fraction) => report(fraction, 'following the chains') },
  );

  const outputs = predictions.quantities / rows;
  const ofRow = (i: number) =>
    `${classes ? `logit of ${classes[i % outputs] ?? i % outputs}` : `output ${i % outputs}`}, test row ${places[Math.floor(i / outputs)]}`;
  const tooFew = tooFewDraws(predictions.chains, predictions.draws);
  const heat = temperatures.quantity(0);
  const all = heat.flatMap((chain) => [...chain]);
  const findings = {
    run: run.id,
    name: run.name,
    dataset: dataset.title,
    chains: predictions.chains,
    draws: predictions.draws,
    tooFew,
    predictions: predictions.diagnose(ofRow, settings.lags, tooFew === null),
    weights: weights.diagnose((i) => `${followed[i]!.parameter}, entry ${followed[i]!.index}`, settings.lags, tooFew === null),
    temperature: {
      wanted: chains.temperature,
      found: meanOf(all),
      standardError: all.length > 1 ? Math.sqrt(varianceOf(all) / (predictions.draws > 10 ? effectiveSampleSize(heat) : all.length)) : Number.MAX_VALUE,
    },
  };
  return { ...findings, advice: adviseOn(findings) };
}

interface Place {
  readonly parameter: string;
  readonly index: number;
}

/** Weights chosen at random among all, none twice unless they are few. */
function chooseWeights(weights: HostTensors, { weights: count, seed }: Settings): Place[] {
  const parameters = Object.entries(weights).map(([parameter, { data }]) => ({ parameter, size: data.length }));
  const total = parameters.reduce((sum, { size }) => sum + size, 0);
  const uniform = hostUniforms(seed, 0, 'weights that are followed');
  const chosen = new Set<number>();
  while (chosen.size < Math.min(count, total)) chosen.add(Math.floor(uniform() * total));
  return [...chosen].map((at) => {
    let index = at;
    const { parameter } = parameters.find(({ size }) => (index < size ? true : ((index -= size), false)))!;
    return { parameter, index };
  });
}
