/** @file Handlers of `architectures.*`. */
import type { Handlers } from '../contract/rpc';
import { deleteArchitecture, listArchitectures, saveArchitecture } from '../store/architectures';
import type { WritableDb } from '../store/database';

type ArchitectureHandlers = Pick<Handlers, Extract<keyof Handlers, `architectures.${string}`>>;

export const architectureHandlers = ({ db }: { db: WritableDb }): ArchitectureHandlers => ({
  'architectures.list': () => listArchitectures(db),
  'architectures.save': ({ id, architecture }) => saveArchitecture(db, id, architecture),
  'architectures.delete': (id) => deleteArchitecture(db, id),
});
