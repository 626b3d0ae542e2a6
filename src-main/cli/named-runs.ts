/** @file Runs as they are named in a command: by id, or by the id of a model that came with Credence, which is then opened. */
import { RunId } from '../contract/ids';
import type { Session } from './session';

/** Ids of the runs in a list such as `run-a1b2c3,mnist-bbp`, each once; null if one of the names is none. */
export async function namedRuns(client: Session['client'], list: string): Promise<RunId[] | null> {
  const names = list.split(',').map((name) => name.trim());
  const cards = names.every((name) => RunId.safeParse(name).success) ? [] : await client.call('pretrained.list', null);
  const ids: RunId[] = [];
  for (const name of names) {
    const id = RunId.safeParse(name).data ?? (cards.some((card) => card.id === name) ? (await client.call('pretrained.open', name)).id : null);
    if (id === null) return null;
    ids.push(id);
  }
  return [...new Set(ids)];
}
