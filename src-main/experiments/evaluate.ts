/** @file How good, how calibrated and how sure a trained model is on the test part. */
import { z } from 'zod';
import { WorkbenchError } from '../contract/errors';
import { Evaluation } from '../contract/experiment';
import { evaluateClasses } from './evaluate-classes';
import { evaluateTargets } from './evaluate-targets';
import { defineExperiment, drawSeed } from './experiment';

const settings = z.strictObject({
  draws: z.int().min(1).max(10_000).default(100).meta({
    title: 'Draws',
    description: 'Weight draws averaged in the predictive. Entropies and mutual information are biased low by about 1/draws: compare runs at equal draws.',
  }),
  images: z.int().min(0).max(1000).default(60).meta({
    title: 'Images kept',
    unit: 'images',
    task: 'classification',
    description: 'The most uncertain test images that are stored with their probabilities and votes.',
  }),
  seed: drawSeed,
});

export const evaluate = defineExperiment({
  id: 'evaluate',
  title: 'Evaluate',
  reference: 'Decomposition: Depeweg et al. (2018), sec. 3; calibration: Guo et al. (2017), eq. 3; proper scores: Gneiting & Raftery (2007)',
  help: 'Averages the predictions of many weight draws on the test rows, which training never saw: error, log-likelihood, calibration, and the uncertainty split into what is noise in the data (aleatoric) and what the model does not know (epistemic).',
  settings,
  result: Evaluation,
  async run(context, settings) {
    const [run] = context.runs;
    if (!run || context.runs.length > 1) throw new WorkbenchError('invalid-spec', `Evaluate takes one run; ${context.runs.length} were given`);
    if (run.dataset.test.rows === 0) throw new WorkbenchError('invalid-spec', `${run.dataset.title} has no test rows to evaluate on`);
    const of = run.dataset.task.kind === 'classification' ? evaluateClasses : evaluateTargets;
    const { priorPrecision: prior } = run;
    return {
      ...(await of(run, context, settings)),
      ...(prior && { evidence: { logMarginalLikelihood: prior.logEvidence(prior.current), precision: prior.current } }),
    };
  },
});
