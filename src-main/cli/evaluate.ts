/** @file `evaluate RUN`: the Evaluate experiment, and its result as a table. */
import { WorkbenchError } from '../contract/errors';
import { RunId } from '../contract/ids';
import { perform } from './experiment';
import type { CommandLine } from './flags';
import type { Session } from './session';

export async function evaluate({ client }: Session, { words, options, edits }: CommandLine): Promise<number> {
  const id = RunId.safeParse(words[0]);
  if (!id.success || words.length !== 1 || edits.length > 0)
    throw new WorkbenchError('invalid-spec', 'Say which run: npm run evaluate -- RUN [--draws N]; "npm run runs" lists them.');
  const settings = options['draws'] === undefined ? {} : { draws: Number(options['draws']) };
  return perform(client, await client.call('experiments.start', { kind: 'evaluate', runs: [id.data], settings }));
}
