/** @file `evaluate RUN`: the Evaluate experiment, and its result as a table. */
import { WorkbenchError } from '../contract/errors';
import { perform } from './experiment';
import type { CommandLine } from './flags';
import { namedRuns } from './named-runs';
import type { Session } from './session';

export async function evaluate({ client }: Session, { words, options, edits }: CommandLine): Promise<number> {
  const [run, ...others] = (words.length === 1 && (await namedRuns(client, words[0]!))) || [];
  if (!run || others.length > 0 || edits.length > 0)
    throw new WorkbenchError(
      'invalid-spec',
      'Say which run: npm run evaluate -- RUN [--draws N]; "npm run runs" lists them, "npm run runs -- pretrained" the models that came with Credence.',
    );
  const settings = options['draws'] === undefined ? {} : { draws: Number(options['draws']) };
  return perform(client, await client.call('experiments.start', { kind: 'evaluate', runs: [run], settings }));
}
