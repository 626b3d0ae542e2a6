/** @file `evaluate RUN`: the Evaluate experiment, and its result as a table. */
import { WorkbenchError } from '../contract/errors';
import { Evaluation, type Experiment } from '../contract/experiment';
import { RunId } from '../contract/ids';
import { exitCodes } from './exit-codes';
import type { CommandLine } from './flags';
import { onInterrupt } from '../host/interrupt';
import { formatNumber } from './progress';
import type { Session } from './session';
import { formatTable } from './table';

export async function evaluate({ client }: Session, { words, options, edits }: CommandLine): Promise<number> {
  const id = RunId.safeParse(words[0]);
  if (!id.success || words.length !== 1 || edits.length > 0)
    throw new WorkbenchError('invalid-spec', 'Say which run: npm run evaluate -- RUN [--draws N]; "npm run runs" lists them.');
  const draws = options['draws'] === undefined ? {} : { draws: Number(options['draws']) };
  const experiment = await client.call('experiments.start', { kind: 'evaluate', runs: [id.data], settings: draws });
  const stops: (() => void)[] = [];
  const ended = await new Promise<Experiment>((resolve, reject) => {
    const look = (changed: Experiment) => {
      if (changed.id !== experiment.id) return;
      if (changed.progress && process.stderr.isTTY)
        process.stderr.write(`\r\x1b[2K${Math.floor(changed.progress.fraction * 100)} %  ${changed.progress.message}`);
      if (changed.endedAt !== null) resolve(changed);
    };
    stops.push(
      client.on('experiment.changed', look),
      onInterrupt({ stop: () => void client.call('experiments.cancel', experiment.id).catch(reject), leave: () => process.exit(exitCodes.stopped) }),
    );
    client.call('experiments.get', experiment.id).then(look, reject);
  }).finally(() => stops.forEach((stop) => stop()));
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
  if (ended.status !== 'succeeded') {
    console.error(ended.error?.message ?? `The evaluation was ${ended.status}.`);
    return ended.status === 'cancelled' ? exitCodes.stopped : exitCodes.failed;
  }
  console.log(formatEvaluation(Evaluation.parse(await client.call('experiments.result', experiment.id))));
  return exitCodes.succeeded;
}

/** Measure, value, unit. */
export function formatEvaluation(result: Evaluation): string {
  const decomposed = (unit: string) =>
    (['total', 'aleatoric', 'epistemic'] as const).map((part) => [`${part} uncertainty, mean`, formatNumber(result.uncertainty.mean[part]), unit]);
  const rows =
    result.task === 'classification'
      ? [
          ['test error', (result.error * 100).toFixed(2), `% (${result.errors} of ${result.rows})`],
          ['negative log-likelihood', formatNumber(result.nll), 'nats per row'],
          ['negative log-likelihood, sum', formatNumber(result.nllSum), 'nats'],
          ['Brier score', formatNumber(result.brier), ''],
          ['expected calibration error', formatNumber(result.ece), ''],
          ...decomposed('nats'),
        ]
      : [
          ['RMSE', formatNumber(result.rmse), result.target.unit],
          ['negative log-likelihood', formatNumber(result.nll), 'nats per row'],
          ['NLL, moment-matched Gaussian', formatNumber(result.nllMomentMatched), 'nats per row'],
          ...decomposed(result.target.unit),
        ];
  return formatTable([[`${result.dataset}, ${result.rows} test rows`, `${result.draws} draws`, ''], ...rows]);
}
