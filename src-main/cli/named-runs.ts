/** @file Runs as they are named in a command: by id, or by the id of a model that came with Credence, which is then opened. */
import { RunId } from '../contract/ids';
import type { Session } from './session';

/** Ids of the runs in a list such as `run-a1b2c3,mnist-bbp`, each once; null, and nothing is opened, if one of the names is none. */
export async function namedRuns(client: Session['client'], list: string): Promise<RunId[] | null> {
  const names = list.split(',').map((name) => name.trim());
  const runOf = (name: string) => RunId.safeParse(name).data;
  const cards = names.every(runOf) ? [] : await client.call('pretrained.list', null);
  if (!names.every((name) => runOf(name) ?? cards.some(({ id }) => id === name))) return null;
  const ids = await Promise.all(names.map(async (name) => runOf(name) ?? (await client.call('pretrained.open', name)).id));
  return [...new Set(ids)];
}
