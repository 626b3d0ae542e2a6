/** @file The folder of the models that come with Credence: a card and a .credence file for each. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkbenchError } from '../contract/errors';
import { PretrainedCard } from '../contract/pretrained';

/** By title; none where the folder is absent. @throws WorkbenchError `invalid-file` for a card that is none */
export async function readCards(folder: string): Promise<PretrainedCard[]> {
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const cards = await Promise.all(names.map((name) => readCard(join(folder, name))));
  return cards.sort((a, b) => a.title.localeCompare(b.title, 'en'));
}

async function readCard(path: string): Promise<PretrainedCard> {
  try {
    return PretrainedCard.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new WorkbenchError('invalid-file', `${path} is not the card of a pretrained model; install Credence again`, { cause });
  }
}
