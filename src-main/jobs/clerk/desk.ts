/** @file The clerk's errands as functions of a database and a folder. */
import type { ReadableDb } from '../../store/database';
import { readMetrics } from '../../store/metrics';
import type { Account, Clerk, Errand, Watch } from '../clerk-protocol';
import { packRun } from './pack-run';
import { unpackRun } from './unpack-run';

type Errands = { readonly [T in Errand['type']]: (errand: Extract<Errand, { type: T }>, watch: Watch) => Promise<Account<T>> };

/** @param artifacts absolute folder */
export function openDesk(db: ReadableDb, artifacts: string): Pick<Clerk, 'run'> {
  const errands: Errands = {
    readMetrics: async ({ run, scope, afterStep, maxRows }) => readMetrics(db, run, scope, { afterStep, maxRows }),
    packRun: (errand, watch) => packRun({ db, artifacts }, errand, watch),
    unpackRun: (errand, watch) => unpackRun(artifacts, errand, watch),
  };
  return {
    // The mapped type pairs each errand with its own function; TypeScript cannot follow the pair through the index.
    run: <T extends Errand['type']>(errand: Extract<Errand, { type: T }>, watch: Watch = {}) =>
      (errands[errand.type] as (errand: Extract<Errand, { type: T }>, watch: Watch) => Promise<Account<T>>)(errand, watch),
  };
}
