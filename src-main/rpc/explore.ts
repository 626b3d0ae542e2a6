/** @file Handlers of `explore.*`. */
import type { Handlers } from '../contract/rpc';
import type { Inspector } from '../jobs/inspector';
import { describeRun } from '../jobs/stored-run';
import type { ReadableDb } from '../store/database';
import { listImportedDatasets } from '../store/imported-datasets';

type ExploreHandlers = Pick<Handlers, Extract<keyof Handlers, `explore.${string}`>>;

/** `explorer` answers in a thread of its own: predictions would keep quick questions waiting. */
export const exploreHandlers = ({ db, explorer, threads }: { db: ReadableDb; explorer: Inspector; threads(): number }): ExploreHandlers => ({
  'explore.look': (request) =>
    explorer.ask({ type: 'explore', stored: describeRun(db, request.run), imported: listImportedDatasets(db), threads: threads(), request }),
});
