/** @file `experiment NAME --runs A,B`: any experiment of the registry, and its result as a table. */
import { Adversarial } from '../contract/adversarial';
import { Calibration } from '../contract/calibration';
import { ChainDiagnosis } from '../contract/chains';
import { WorkbenchError } from '../contract/errors';
import { Evaluation, type Experiment } from '../contract/experiment';
import { RunId } from '../contract/ids';
import { OodDetection } from '../contract/ood-detection';
import { PriorPrecision } from '../contract/prior-precision';
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
import { formatRotation } from './format-rotation';
import { formatPruning, formatWeights } from './format-weights';
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
  adversarial: (result) => formatAdversarial(Adversarial.parse(result)),
};

export async function experiment({ client }: Session, { words, options, edits }: CommandLine): Promise<number> {
  const [kind, ...rest] = words;
  const runs = (options['runs'] ?? '').split(',').map((text) => RunId.safeParse(text.trim()));
  const format = kind === undefined ? undefined : formats[kind];
  if (!kind || !format || rest.length > 0 || !runs.every(({ success }) => success))
    throw new WorkbenchError(
      'invalid-spec',
      `Say which experiment (${Object.keys(formats).join(', ')}) and which runs: npm run experiment -- NAME --runs RUN,RUN; "npm run runs" lists them.`,
    );
  const settings = Object.fromEntries(edits.map(({ path, value }) => [path.join('.'), value])) as Experiment['settings']; // YAML values are JSON
  const draws = options['draws'] === undefined ? {} : { draws: Number(options['draws']) };
  return perform(client, { kind, runs: [...new Set(runs.map(({ data }) => data!))], settings: { ...settings, ...draws } }, format);
}

/** Runs it to its end and prints the result. Returns the exit code. */
export async function perform(
  client: Session['client'],
  request: Pick<Experiment, 'kind' | 'runs' | 'settings'>,
  format: (result: unknown) => string,
): Promise<number> {
  const { id, status, error } = await awaitExperiment(client, request);
  if (status !== 'succeeded') {
    console.error(error?.message ?? `The experiment was ${status}.`);
    return status === 'cancelled' ? exitCodes.stopped : exitCodes.failed;
  }
  console.log(format(await client.call('experiments.result', id)));
  return exitCodes.succeeded;
}
