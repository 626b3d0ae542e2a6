/** @file An imported table whose rows are steps in time, as windows of the past and the value that follows. */
import { join } from 'node:path';
import { z } from 'zod';
import type { ImportedTable, SequenceWindow } from '../contract/table';
import { defineDataset, type DatasetKind, type RawPart } from './dataset';
import { hashParts } from './hash';
import { readTableFolder, readTableManifest, tableBytes, type Table } from './table-folder';
import { slidingWindows } from './windows';

const Settings = z.object({
  testShare: z
    .number()
    .min(0.05)
    .max(0.5)
    .default(0.2)
    .meta({ title: 'Test share', description: 'Share of the steps, the last ones in time, whose values are foretold as a test.' }),
});

/** Steps before which a target belongs to the training part. */
const firstTestStep = (steps: number, testShare: number): number => Math.floor((1 - testShare) * steps);

/** Training targets lie before the test targets; what a test row sees of the past may lie before both. */
function parts({ rows: steps, x, y }: Table, sequence: SequenceWindow, testShare: number): { train: RawPart; test: RawPart } {
  const channels = x.length / steps;
  const cut = firstTestStep(steps, testShare);
  const between = (from: number, to: number) =>
    slidingWindows(
      Array.from({ length: channels }, (_, c) => Float32Array.from({ length: to - from }, (_, t) => x[(from + t) * channels + c]!)),
      y.subarray(from, to),
      { ...sequence, stride: 1 },
    );
  return { train: between(0, cut), test: between(cut - sequence.window - sequence.horizon + 1, steps) };
}

/** Windows of all features, the target's own past among them. Shapes: x [rows, window, features]. */
export function importedSequence(
  { id, title, features, codes, target, rows: steps, hash }: ImportedTable,
  sequence: SequenceWindow,
): DatasetKind<typeof Settings> {
  const { window, horizon } = sequence;
  const cut = firstTestStep(steps, Settings.parse({}).testShare);
  return defineDataset({
    id,
    title,
    task: 'regression',
    inputShape: [window, features.length],
    ...(codes && { codes }),
    classes: [],
    target: { name: `${target.name}, ${horizon === 1 ? 'next step' : `${horizon} steps ahead`}`, unit: target.unit },
    description: `${steps} steps in time, imported from a table. From ${window} steps of ${features.join(', ')}, the value of ${target.name} ${horizon === 1 ? 'at the next step' : `${horizon} steps later`}. The last steps are the test part. Windows overlap, so that the validation curve is too kind.`,
    citation: '',
    licence: '',
    recommended: {
      architecture: 'lstm',
      likelihood: { id: 'gaussian', settings: { noise: 'learnt' } },
      prior: { id: 'gaussian', settings: { sd: 0.3 } },
      training: { epochs: 30, batchSize: 100 },
      method: { learningRate: 0.005, draws: 1, firstEpochDraws: 1, initialRhoLow: -5, initialRhoHigh: -4 },
    },
    settings: Settings,
    source: 'import',
    async stored(folder) {
      const manifest = await readTableManifest(join(folder, id));
      return manifest && { rows: { train: cut - window - horizon + 1, test: steps - cut }, bytes: tableBytes(manifest), hash };
    },
    prepare: () => Promise.resolve(), // its files came with the import
    async load({ folder }, { testShare }) {
      const raw = parts(await readTableFolder(join(folder, id), title), sequence, testShare);
      return { ...raw, hash: hashParts(raw) };
    },
  });
}
