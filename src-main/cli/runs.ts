/** @file `runs`: the stored runs, newest first; `runs compare A,B`: some of them side by side. */
import { WorkbenchError } from '../contract/errors';
import { compareStored } from './compare-runs';
import { exitCodes } from './exit-codes';
import { formatMetrics } from './progress';
import type { CommandLine } from './flags';
import type { Session } from './session';
import { formatTable } from './table';

export async function runs(session: Session, { words: [word, ...rest] }: CommandLine): Promise<number> {
  if (word === undefined) return listRuns(session);
  if (word === 'compare') return compareStored(session, rest);
  throw new WorkbenchError('invalid-spec', `"runs" lists all runs or compares some: npm run runs -- compare RUN,RUN; ${word} is neither.`);
}

async function listRuns({ client }: Session): Promise<number> {
  const runs = await client.call('runs.list', {});
  if (runs.length === 0) {
    console.log('There are no runs yet; train one with: npm run train');
    return exitCodes.succeeded;
  }
  const newest = runs.toSorted((a, b) => b.createdAt - a.createdAt);
  console.log(
    formatTable([
      ['run', 'status', 'dataset', 'method', 'epoch', 'name', 'latest'],
      ...newest.map(({ id, status, spec, progress, name, latest }) => [
        id,
        status,
        spec.dataset.id,
        spec.method.id,
        progress ? `${Math.floor(progress.epoch)}/${progress.epochs}` : `0/${spec.training.epochs}`,
        name,
        formatMetrics(latest),
      ]),
    ]),
  );
  return exitCodes.succeeded;
}
