/** @file Handlers of `explore.*`. */
import type { Handlers } from '../contract/rpc';
import type { JobContext } from '../jobs/context';
import type { Inspector } from '../jobs/inspector';
import { describeRun } from '../jobs/stored-run';
import { listImportedDatasets } from '../store/imported-datasets';

type ExploreHandlers = Pick<Handlers, Extract<keyof Handlers, `explore.${string}`>>;

interface Needs {
  readonly context: Pick<JobContext, 'db' | 'devices'>;
  readonly explorer: Inspector;
  threads(): number;
}

/** `explorer` answers in a thread of its own: predictions would keep quick questions waiting. */
export const exploreHandlers = ({ context, explorer, threads }: Needs): ExploreHandlers => ({
  'explore.look': (request) =>
    explorer.ask({ type: 'explore', stored: describeRun(context, request.run), imported: listImportedDatasets(context.db), threads: threads(), request }),
});
