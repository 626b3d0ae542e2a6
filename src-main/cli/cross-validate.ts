/** @file `cross-validate`: a run document over the splits of a table, followed to its end; Ctrl-C stops it, and what is done stays. */
import { CrossValidationSpec, GridAxis, type CrossValidation, type CrossValidationSpecInput } from '../contract/cross-validation';
import { describeIssues, WorkbenchError } from '../contract/errors';
import { CrossValidationId } from '../contract/ids';
import { connectionLost } from '../host/connection';
import { onInterrupt } from '../host/interrupt';
import { applyEdits, completeDocument, readDocument } from './document';
import { exitCodeOf, exitCodes } from './exit-codes';
import { pathOf, type CommandLine } from './flags';
import { formatCrossValidation } from './format-cross-validation';
import { crossValidationLine } from './progress';
import type { Session } from './session';

/** `method.rate+method.inputRate=0.01,0.1; likelihood.sd:target=2,3` as axes: `+` joins places that share a value, `:target` means in target units. @throws WorkbenchError `invalid-spec` */
export function parseGrid(text: string): CrossValidationSpecInput['grid'] {
  return text.split(';').map((part) => {
    const match = /^\s*([\w.+-]+?)(:target)?\s*=\s*(.+)$/.exec(part);
    const values = match?.[3]?.split(',').map((value) => Number(value.trim()));
    if (!match || !values?.every(Number.isFinite))
      throw new WorkbenchError(
        'invalid-spec',
        `--grid: "${part.trim()}" is not of the form method.rate=0.01,0.1; ":target" after the path means values in target units.`,
      );
    const axis = GridAxis.safeParse({ paths: match[1]!.split('+').map((name) => pathOf(name).join('.')), values, targetUnits: match[2] !== undefined });
    if (!axis.success) throw new WorkbenchError('invalid-spec', `--grid: ${describeIssues(axis.error)}`);
    return axis.data;
  });
}

/** Returns the exit code. */
export async function crossValidate(session: Session, { words, options, edits }: CommandLine): Promise<number> {
  const { client, owner } = session;
  if (words.length > 0)
    throw new WorkbenchError('invalid-spec', `"${words[0]}" is not a flag; flags begin with --, and "npm run train -- --help" lists those of a run.`);
  if (owner) console.error('Credence is open on this data folder; the cross-validation joins its queue.');
  if (options['resume'] !== undefined) {
    const id = CrossValidationId.safeParse(options['resume']);
    if (!id.success) throw new WorkbenchError('invalid-spec', `"${options['resume']}" is not the id of a cross-validation, such as cv-4k2m9x0a7q.`);
    await client.call('crossValidations.resume', id.data);
    return follow(session, await client.call('crossValidations.get', id.data));
  }
  const catalogue = await client.call('catalogue.get', null);
  const document = options['config'] === undefined ? {} : await readDocument(options['config']);
  const run = completeDocument(applyEdits(document, edits, catalogue), catalogue);
  const spec = CrossValidationSpec.safeParse({
    run,
    name: run.name,
    ...(options['splits'] !== undefined && { splits: Number(options['splits']) }),
    ...(options['draws'] !== undefined && { draws: Number(options['draws']) }),
    ...(options['criterion'] !== undefined && { criterion: options['criterion'] }),
    ...(options['grid'] !== undefined && { grid: parseGrid(options['grid']) }),
  });
  if (!spec.success) throw new WorkbenchError('invalid-spec', describeIssues(spec.error));
  return follow(session, await client.call('crossValidations.start', spec.data));
}

const hasEnded = ({ status }: CrossValidation): boolean => !['queued', 'running', 'paused'].includes(status);

async function follow({ client }: Session, { id, name }: CrossValidation): Promise<number> {
  console.error(`${id} · ${name}`);
  const stops: (() => void)[] = [];
  let shown = -1;
  const show = (group: CrossValidation) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${crossValidationLine(group).slice(0, (process.stderr.columns || 100) - 1)}`);
    else if (group.fits.done > shown) console.error(crossValidationLine(group));
    shown = Math.max(shown, group.fits.done);
  };
  const ended = await new Promise<CrossValidation>((resolve, reject) => {
    const look = (group: CrossValidation) => {
      if (group.id !== id) return;
      show(group);
      if (hasEnded(group)) resolve(group);
    };
    stops.push(
      client.on('crossValidation.changed', look),
      onInterrupt({ stop: () => void client.call('crossValidations.stop', id).catch(reject), leave: () => process.exit(exitCodes.stopped) }),
    );
    client.closed.then(() => reject(connectionLost()), reject);
    client.call('crossValidations.get', id).then(look, reject); // it may have ended before we listened
  }).finally(() => stops.forEach((stop) => stop()));
  if (process.stderr.isTTY) process.stderr.write('\n');

  const { datasets } = await client.call('catalogue.get', null);
  const dataset = datasets.find((entry) => entry.id === ended.spec.run.dataset.id);
  const fits = await client.call('crossValidations.fits', id);
  console.log(formatCrossValidation(ended, fits, dataset?.published ?? [], dataset?.task ?? 'regression'));
  if (ended.error) console.error(ended.error.message);
  if (ended.status !== 'succeeded') console.error(`Go on with: npm run cross-validate -- --resume ${id}`);
  return exitCodeOf(ended);
}
