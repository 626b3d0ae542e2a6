/** @file `runs`: the stored runs, newest first; `runs pretrained`: the models that came with Credence; `runs compare A,B`: some of them side by side; `runs export` and `runs import`: see run-files. */
import { WorkbenchError } from '../contract/errors';
import { compareStored } from './compare-runs';
import { exitCodes } from './exit-codes';
import { formatMetrics, formatNumber } from './progress';
import type { CommandLine } from './flags';
import { exportRun, importRun } from './run-files';
import type { Session } from './session';
import { formatTable } from './table';

export async function runs(session: Session, line: CommandLine): Promise<number> {
  const [word, ...rest] = line.words;
  if (word === undefined) return listRuns(session);
  if (word === 'pretrained') return listPretrained(session);
  if (word === 'compare') return compareStored(session, rest);
  if (word === 'export') return exportRun(session, line);
  if (word === 'import') return importRun(session, line);
  throw new WorkbenchError(
    'invalid-spec',
    `"runs" lists all runs; after it may stand pretrained; compare RUN,RUN; export RUN FILE; or import FILE, but not ${word}.`,
  );
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

async function listPretrained({ client }: Session): Promise<number> {
  const cards = await client.call('pretrained.list', null);
  console.log(
    formatTable([
      ['model', 'dataset', 'network', 'test error', 'NLL', 'title'],
      ...cards.map(({ id, dataset, spec, metrics, title }) => [
        id,
        dataset.title,
        spec.architecture.name,
        metrics.task === 'classification' ? `${(100 * metrics.error).toFixed(2)} %` : `RMSE ${formatNumber(metrics.rmse)}`,
        formatNumber(metrics.nll),
        title,
      ]),
    ]),
  );
  return exitCodes.succeeded;
}
