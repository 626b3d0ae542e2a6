/** @file `experiment NAME --runs A,B` and `experiment --resume ID`: any experiment of the registry, and its result as a table. */
import { Adversarial } from '../contract/adversarial';
import { Calibration } from '../contract/calibration';
import { ChainDiagnosis } from '../contract/chains';
import { WorkbenchError } from '../contract/errors';
import { Evaluation, type Experiment } from '../contract/experiment';
import { ExperimentId } from '../contract/ids';
import { OodDetection } from '../contract/ood-detection';
import { PriorPrecision } from '../contract/prior-precision';
import { Quantised } from '../contract/quantisation';
import { Rotation } from '../contract/rotation';
import { Pruning, WeightHistograms } from '../contract/weights';
import { awaitExperiment } from './await-experiment';
import { formatAdversarial } from './format-adversarial';
import { formatCalibration } from './format-calibration';
import { formatChains } from './format-chains';
import { formatEvaluation } from './format-evaluation';
import { exitCodes } from './exit-codes';
import type { CommandLine } from './flags';
import { formatOodDetection } from './format-ood-detection';
import { formatPriorPrecision } from './format-prior-precision';
import { formatQuantisation } from './format-quantisation';
import { formatRotation } from './format-rotation';
import { formatPruning, formatWeights } from './format-weights';
import { namedRuns } from './named-runs';
import type { Session } from './session';

/** What each experiment prints. */
const formats: { readonly [kind: string]: ((result: unknown) => string) | undefined } = {
  evaluate: (result) => formatEvaluation(Evaluation.parse(result)),
  calibration: (result) => formatCalibration(Calibration.parse(result)),
  'ood-detection': (result) => formatOodDetection(OodDetection.parse(result)),
  rotation: (result) => formatRotation(Rotation.parse(result)),
  'prior-precision': (result) => formatPriorPrecision(PriorPrecision.parse(result)),
  chains: (result) => formatChains(ChainDiagnosis.parse(result)),
  weights: (result) => formatWeights(WeightHistograms.parse(result)),
  pruning: (result) => formatPruning(Pruning.parse(result)),
  quantisation: (result) => formatQuantisation(Quantised.parse(result)),
  adversarial: (result) => formatAdversarial(Adversarial.parse(result)),
};

export async function experiment({ client }: Session, line: CommandLine): Promise<number> {
  const { words, options, edits } = line;
  if (options['resume'] !== undefined) return perform(client, await resume(client, line));
  const [kind, ...rest] = words;
  const runs = await namedRuns(client, options['runs'] ?? '');
  if (!kind || !formats[kind] || rest.length > 0 || !runs)
    throw new WorkbenchError(
      'invalid-spec',
      `Say which experiment (${Object.keys(formats).join(', ')}) and which runs: npm run experiment -- NAME --runs RUN,RUN; "npm run runs" lists them, "npm run runs -- pretrained" the models that came with Credence.`,
    );
  const settings = Object.fromEntries(edits.map(({ path, value }) => [path.join('.'), value])) as Experiment['settings']; // YAML values are JSON
  const draws = options['draws'] === undefined ? {} : { draws: Number(options['draws']) };
  const request = { kind, runs, settings: { ...settings, ...draws } };
  return perform(client, await client.call('experiments.start', request));
}

async function resume(client: Session['client'], { words, options, edits }: CommandLine): Promise<Experiment> {
  const id = ExperimentId.safeParse(options['resume']);
  if (!id.success) throw new WorkbenchError('invalid-spec', `"${options['resume']}" is not the id of an experiment, such as exp-4k2m9x0a7q.`);
  if (words.length > 0 || edits.length > 0)
    throw new WorkbenchError('invalid-spec', 'A resumed experiment keeps its settings; leave out everything but --resume.');
  return client.call('experiments.resume', id.data);
}

/** Waits for its end and prints the result. Returns the exit code. */
export async function perform(client: Session['client'], experiment: Experiment): Promise<number> {
  const { id, kind, status, error } = await awaitExperiment(client, experiment);
  if (status !== 'succeeded') {
    console.error(error?.message ?? `The experiment was ${status}.`);
    console.error(`Go on with: npm run experiment -- --resume ${id}`);
    return status === 'cancelled' ? exitCodes.stopped : exitCodes.failed;
  }
  const result = await client.call('experiments.result', id);
  console.log(formats[kind]?.(result) ?? JSON.stringify(result));
  return exitCodes.succeeded;
}
