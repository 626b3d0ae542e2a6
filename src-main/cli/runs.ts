/** @file `runs`: the stored runs, newest first; `runs pretrained`: the models that came with Credence; `runs compare A,B`: some of them side by side; `runs prior-precision RUN NUMBER`: what a Laplace approximation predicts under; `runs export` and `runs import`: see run-files. */
import { WorkbenchError } from '../contract/errors';
import { compareStored } from './compare-runs';
import { exitCodes } from './exit-codes';
import { namedRuns } from './named-runs';
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
  if (word === 'prior-precision') return choosePriorPrecision(session, rest);
  if (word === 'export') return exportRun(session, line);
  if (word === 'import') return importRun(session, line);
  throw new WorkbenchError(
    'invalid-spec',
    `"runs" lists all runs; after it may stand pretrained; compare RUN,RUN; prior-precision RUN NUMBER; export RUN FILE; or import FILE, but not ${word}.`,
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

/** Under this multiple of the prior's precision the run predicts from now on, without training anew; `trained`: as when it was trained. */
async function choosePriorPrecision({ client }: Session, [name, value, ...rest]: readonly string[]): Promise<number> {
  const ids = await namedRuns(client, name ?? '');
  const precision = value === 'trained' ? null : Number(value);
  if (ids?.length !== 1 || value === undefined || rest.length > 0 || (precision !== null && !(precision >= 1e-6 && precision <= 1e8)))
    throw new WorkbenchError(
      'invalid-spec',
      'Say of which run, and how many times the precision trained with, from 0.000001 to 100,000,000: npm run runs -- prior-precision RUN 100; or "trained". The study "prior-precision" compares some.',
    );
  await client.call('runs.setPriorPrecision', { run: ids[0]!, precision });
  console.log(precision === null ? `${ids[0]!} predicts as it was trained` : `${ids[0]!} predicts under ${precision} times the precision trained with`);
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
