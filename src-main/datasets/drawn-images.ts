/** @file Datasets of drawn characters: made by us from a seed, kept on disk so that each is made once. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { WorkbenchError } from '../contract/errors';
import { defineDataset, type DatasetCard, type DatasetKind, type LoadContext, type RawDataset, type RawPart } from './dataset';
import { seeded } from './generator';
import { drawCharacter, type Character } from './handwriting';
import { bytesOf, noRows, readImageFolder, readManifest, writeImageFolder } from './image-folder';
import { imageSettings } from './normalisation';
import { side } from './pen';

/** A change to the drawing changes the data: raise this, so that no old file is taken for a new one. */
const drawingVersion = 1;

const Settings = z.object({
  ...imageSettings('mnist'),
  size: z.enum(['full', 'medium', 'small']).default('full').meta({
    title: 'Size',
    description:
      'Images for training and test. full: 60,000 and 10,000. medium: 10,000 and 2,000. small: 2,000 and 500. Smaller ones are the beginning of larger ones.',
  }),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1)
    .meta({ title: 'Seed of the drawings', description: 'Another seed draws other images in the same manner.', advanced: true }),
});
type Settings = z.output<typeof Settings>;

const rowsOf = { full: { train: 60_000, test: 10_000 }, medium: { train: 10_000, test: 2_000 }, small: { train: 2_000, test: 500 } };

/** Draws one part; row i depends on seed, part and i only. */
async function drawPart(characters: readonly Character[], rows: number, address: readonly number[], tick: (row: number) => Promise<void>): Promise<RawPart> {
  if (rows === 0) return noRows;
  const x = new Uint8Array(rows * side * side);
  const y = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    if (row % 1000 === 0) await tick(row);
    const generator = seeded(...address, row);
    const label = generator.below(characters.length);
    const { styles } = characters[label]!;
    drawCharacter(styles[generator.below(styles.length)]!, generator, x, row * side * side);
    y[row] = label;
  }
  return { rows, x, y };
}

interface Drawn extends Pick<DatasetCard, 'id' | 'title' | 'description'> {
  readonly characters: readonly Character[];
  readonly parts: readonly ('train' | 'test')[];
}

export function drawnImages({ characters, parts, ...card }: Drawn): DatasetKind<typeof Settings> {
  const rows = (size: Settings['size']) => ({ train: parts.includes('train') ? rowsOf[size].train : 0, test: rowsOf[size].test });
  const folderOf = (folder: string, { size, seed }: Settings) => join(folder, card.id, `v${drawingVersion}-${size}-seed${seed}`);

  async function draw({ signal, report }: LoadContext, { size, seed }: Settings): Promise<RawDataset> {
    const { train, test } = rows(size);
    const tick = (before: number) => async (row: number) => {
      if (signal?.aborted) throw new WorkbenchError('cancelled', `Drawing of ${card.title} was cancelled`);
      report?.((before + row) / (train + test), `Drawing ${card.title}: ${before + row} of ${train + test} images`);
      await setImmediate(); // lets messages through
    };
    return {
      train: await drawPart(characters, train, [seed, characters.length, 0], tick(0)),
      test: await drawPart(characters, test, [seed, characters.length, 1], tick(train)),
    };
  }

  async function load(context: LoadContext, settings: Settings) {
    const folder = folderOf(context.folder, settings);
    try {
      return await readImageFolder(folder, card.title, context);
    } catch (error) {
      if (!(error instanceof WorkbenchError && (error.code === 'not-found' || error.code === 'dataset-changed'))) throw error;
      await rm(folder, { recursive: true, force: true }); // absent or damaged: drawn again it is the same
    }
    const raw = await draw(context, settings);
    const { hash } = await writeImageFolder(folder, raw, [side, side]);
    return { ...raw, hash };
  }

  return defineDataset({
    ...card,
    task: 'classification',
    inputShape: [side, side, 1],
    classes: characters.map(({ name }) => name),
    target: { name: 'class', unit: '' },
    citation: 'Drawn by Credence',
    licence: 'CC0',
    recommended: { architecture: '400-400', likelihood: { id: 'categorical', settings: {} }, training: { epochs: 10, batchSize: 100 } },
    settings: Settings,
    source: 'generated',
    async stored(folder) {
      const manifest = await readManifest(folderOf(folder, Settings.parse({})));
      return { rows: rows('full'), bytes: manifest ? bytesOf(manifest) : 0, hash: manifest?.hash ?? null };
    },
    prepare: async (context) => void (await load(context, Settings.parse({}))),
    load,
  });
}
