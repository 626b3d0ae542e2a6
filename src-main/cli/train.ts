/** @file `train`: submits a run to the queue, follows it, and stops it with a checkpoint on Ctrl-C. */
import { connectionLost } from '../host/connection';
import { WorkbenchError } from '../contract/errors';
import { RunId } from '../contract/ids';
import type { Run } from '../contract/run';
import { applyEdits, completeDocument, readDocument } from './document';
import { exitCodeOf, exitCodes } from './exit-codes';
import type { CommandLine } from './flags';
import { trainHelp } from './help';
import { onInterrupt } from '../host/interrupt';
import { createDisplay, formatMetrics } from './progress';
import type { Session } from './session';

/** Returns the exit code. */
export async function train(session: Session, line: CommandLine): Promise<number> {
  const { client, owner } = session;
  if (line.options['help'] !== undefined) {
    process.stdout.write(`${trainHelp(await client.call('catalogue.get', null))}\n`);
    return exitCodes.succeeded;
  }
  if (line.words.length > 0) throw new WorkbenchError('invalid-spec', `"${line.words[0]}" is not a flag; flags begin with --, and --help lists them.`);
  if (owner) console.error('Credence is open on this data folder; the run joins its queue.');
  const run = line.options['resume'] === undefined ? await create(session, line) : await resume(session, line);
  console.error(`${run.id} · ${run.name}`);
  return follow(session, run);
}

async function create({ client }: Session, { options, edits }: CommandLine): Promise<Run> {
  const catalogue = await client.call('catalogue.get', null);
  const document = options['config'] === undefined ? {} : await readDocument(options['config']);
  const spec = completeDocument(applyEdits(document, edits, catalogue), catalogue);
  const problems = await client.call('specs.check', spec);
  if (problems.length > 0) throw new WorkbenchError('invalid-spec', problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return client.call('runs.create', spec);
}

async function resume({ client }: Session, { options, edits }: CommandLine): Promise<Run> {
  const device = edits.find(({ path }) => path.join('.') === 'compute.device');
  if (edits.length > (device ? 1 : 0) || options['config'] !== undefined)
    throw new WorkbenchError('invalid-spec', 'A resumed run keeps its settings, all but --device; leave out the other flags.');
  const id = RunId.safeParse(options['resume']);
  if (!id.success) throw new WorkbenchError('invalid-spec', `"${options['resume']}" is not the id of a run; "npm run runs" lists them.`);
  if (device) await client.call('runs.setDevice', { run: id.data, device: String(device.value) });
  await client.call('runs.resume', id.data);
  return client.call('runs.get', id.data);
}

const hasEnded = ({ status }: Run): boolean => !['queued', 'running', 'paused'].includes(status);

async function follow({ client, owner }: Session, { id }: Run): Promise<number> {
  const display = createDisplay(process.stderr);
  const stops: (() => void)[] = [];
  try {
    const ended = await new Promise<Run>((resolve, reject) => {
      const look = (run: Run) => {
        if (run.id !== id) return;
        display.show(run);
        if (hasEnded(run)) resolve(run);
      };
      stops.push(
        client.on('run.changed', look),
        client.on('run.event', ({ run, event }) => run === id && event.level !== 'info' && display.say(`${event.level}: ${event.message}`)),
        client.on('app.notice', ({ level, message }) => level !== 'info' && display.say(`${level}: ${message}`)),
        onInterrupt({
          stop: () => {
            display.say('Stopping with a checkpoint … Ctrl-C again leaves at once.');
            client.call('runs.stop', id).catch(reject);
          },
          leave: () => {
            display.say(
              owner
                ? 'Left; the run is in the hands of the open Credence.'
                : `Left; the run is interrupted, and goes on from its last checkpoint with --resume ${id}.`,
            );
            process.exit(exitCodes.stopped);
          },
        }),
      );
      client.closed.then(() => reject(connectionLost()), reject);
      client.call('runs.get', id).then(look, reject); // it may have ended before we listened
    });
    display.end();
    return report(ended);
  } finally {
    for (const stop of stops) stop();
  }
}

function report(run: Run): number {
  const metrics = formatMetrics(run.latest);
  console.log(`${run.id} ${run.status}${metrics ? `: ${metrics}` : ''}`);
  if (run.error) console.error(run.error.message);
  if (run.status === 'succeeded') console.error(`Evaluate it with: npm run evaluate -- ${run.id}`);
  else if (run.hasCheckpoint) console.error(`Go on with: npm run train -- --resume ${run.id}`);
  return exitCodeOf(run);
}
