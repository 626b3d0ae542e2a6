/** @file The models that come with Credence: listed from their cards, and opened as runs. */
import { join } from 'node:path';
import { isIntact } from '../artifacts/folder';
import { readCards } from '../artifacts/model-cards';
import { WorkbenchError } from '../contract/errors';
import type { EntryId } from '../contract/ids';
import type { PretrainedCard } from '../contract/pretrained';
import type { Run } from '../contract/run';
import { listRuns, updateRun } from '../store/runs';
import type { JobContext } from './context';
import { importRun } from './run-archive';

export interface PretrainedModels {
  /** By title. @throws WorkbenchError `invalid-file` for a card that is none */
  list(): Promise<PretrainedCard[]>;
  /**
   * The model as a run: the one opened before, taken out of the trash if it is there, else read from its file.
   * @throws WorkbenchError `not-found`, `checksum-mismatch`, and as `importRun` does
   */
  open(id: EntryId): Promise<Run>;
}

/** `folder`: where the models and their cards lie; undefined, or absent: there are none. */
export function pretrainedModels(context: Pick<JobContext, 'db' | 'folder' | 'emit' | 'clerk'>, folder: string | undefined): PretrainedModels {
  const { db, emit } = context;
  /** Two clicks open one run. */
  const opening = new Map<EntryId, Promise<Run>>();

  const list = async (): Promise<PretrainedCard[]> => (folder === undefined ? [] : readCards(folder));

  async function open(id: EntryId): Promise<Run> {
    const cards = await list();
    const card = cards.find((candidate) => candidate.id === id);
    if (!card || folder === undefined)
      throw new WorkbenchError('not-found', `There is no pretrained model ${id}; there are ${cards.map((other) => other.id).join(', ') || 'none'}`);
    const known = [false, true].flatMap((trash) => listRuns(db, { trash })).find((run) => run.id === card.run);
    if (!known) return unpack(card, folder);
    if (known.deletedAt === null) return known;
    updateRun(db, known.id, { deletedAt: null });
    const restored = { ...known, deletedAt: null };
    emit('run.changed', restored);
    return restored;
  }

  async function unpack({ file: { name, sha256 }, title, run }: PretrainedCard, from: string): Promise<Run> {
    if (!(await isIntact(from, { file: name, sha256 })))
      throw new WorkbenchError('checksum-mismatch', `${join(from, name)} is missing or not the file that its card describes; install Credence again`);
    return importRun(context, { path: join(from, name), title: `${title}, a model that comes with Credence`, id: run });
  }

  return {
    list,
    open(id) {
      const under = opening.get(id) ?? open(id).finally(() => opening.delete(id));
      opening.set(id, under);
      return under;
    },
  };
}
