/** @file How long `npm run faithful -- uci` takes for one method: a setting and a final training of one split of each table stand for all of them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { candidatesOf, CrossValidationSpec, type CrossValidationSpecInput, type Fit } from '../src-main/contract/cross-validation';
import { loadDataset } from '../src-main/datasets/load';
import { openDevice } from '../src-main/engine/backends';
import { rememberPrograms } from '../src-main/engine/backends/program-store';
import { crossValidate } from '../src-main/experiments/cross-validation';
import { uciSpecs } from './faithful/uci';
import type { Figure } from './table';

const target = '≤ 30';

/** `lanes`: splits that are worked on at once, each by a thread of its own. Needs CREDENCE_DATA with uci/. */
export async function benchUci(lanes: number, only: readonly string[] | null): Promise<Figure[]> {
  if (!process.env['CREDENCE_DATA']) {
    console.log('The time of the UCI tables is not measured: CREDENCE_DATA names no folder with uci/');
    return [];
  }
  const chosen = uciSpecs.filter(({ id }) => !only || only.includes('uci') || only.includes(`uci/${id}`));
  const figures: Figure[] = [];
  for (const { title, specs } of chosen) {
    let seconds = 0;
    for (const spec of specs) seconds += await secondsOf(CrossValidationSpec.parse(spec));
    figures.push({ name: `${title} on the six UCI tables, 20 splits`, value: seconds / lanes / 60, unit: 'minutes', target });
  }
  return figures;
}

/** Of all splits and settings, on one thread. */
async function secondsOf(spec: CrossValidationSpec): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'credence-uci-'));
  const device = await openDevice('auto', { threads: 1, programs: rememberPrograms() });
  const fits: Fit[] = [];
  const context = {
    device,
    signal: new AbortController().signal,
    control: () => 'run' as const,
    load: ({ dataset, training: { validationFraction, seed } }: CrossValidationSpec['run']) =>
      loadDataset(dataset, { folder, imported: [], validationFraction, seed }),
    report: () => undefined,
    keep: (fit: Fit) => void fits.push(fit),
  };
  const settings = candidatesOf(spec).length;
  const first: CrossValidationSpecInput['grid'] = spec.grid.map((axis, i) => ({ ...axis, values: axis.values.slice(0, i === 0 ? 2 : 1) }));
  await crossValidate(CrossValidationSpec.parse({ ...spec, grid: first }), [1], [], context);
  await device.close();
  await rm(folder, { recursive: true });
  const mean = (type: Fit['type']) => {
    const own = fits.filter((fit) => fit.type === type).map((fit) => fit.seconds);
    return own.reduce((a, b) => a + b, 0) / own.length;
  };
  return spec.splits * (settings * mean('candidate') + mean('refit'));
}
