/**
 * @file The figure set of the reference repository for pretrained models on MNIST, exported by the window. `npm run figures` makes it anew
 * in docs/figures; `npm run figures -- -g bbp` one model's. Needs CREDENCE_DATA with mnist/ and kmnist/, or a network to download them.
 */
import type { Locator, Page } from '@playwright/test';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Experiment } from '../../src-main/contract/experiment';
import type { Client } from '../../src-main/host/client';
import { EntryId } from '../../src-main/contract/ids';
import { expect, test } from '../fixtures';

const folder = join(import.meta.dirname, '../../docs/figures');

const models = ['map', 'bbp', 'local-reparametrisation', 'mc-dropout', 'deep-ensemble', 'sgld', 'swag'];

/** Test images that averages are over; the reference takes all 10,000. */
const rows = Number(process.env['CREDENCE_FIGURE_ROWS'] ?? 10_000);

/** By the title of their tab, in the order of the reference: what is asked of each model. */
const studies: readonly { readonly kind: string; readonly tab: string; readonly settings: Experiment['settings'] }[] = [
  { kind: 'rotation', tab: 'Rotation', settings: { rows, draws: 50 } },
  { kind: 'ood-detection', tab: 'Out of distribution', settings: { dataset: 'kmnist', rows, draws: 50 } },
  { kind: 'adversarial', tab: 'Adversarial', settings: { rows: Math.min(rows, 1000), draws: 30 } },
  { kind: 'weights', tab: 'Weights', settings: {} },
  { kind: 'pruning', tab: 'Pruning', settings: { rows, draws: 20 } },
];

for (const model of models)
  test(`draws the figures of ${model}`, async ({ page, client }) => {
    test.setTimeout(3_600_000);
    const run = await client.call('pretrained.open', EntryId.parse(`mnist-${model}`));
    await rm(join(folder, model), { recursive: true, force: true });
    await mkdir(join(folder, model), { recursive: true });
    for (const { kind, tab, settings } of studies) {
      if (model === 'map' && kind === 'pruning') continue; // of one value each, no weight is less sure than another
      await finished(client, await client.call('experiments.start', { kind, runs: [run.id], settings }));
      await page.goto(new URL(`#/inspect/${run.id}`, page.url()).href);
      await page.getByRole('radio', { name: tab }).check({ force: true });
      const figures = page.locator('main .result figure.chart');
      await expect(figures.first()).toBeVisible();
      for (const [i, figure] of (await figures.all()).entries()) await exportSvg(page, figure, join(folder, model, `${kind}-${i + 1}.svg`));
    }
  });

async function finished(client: Client, { id }: Experiment): Promise<void> {
  for (;;) {
    const { status, error } = await client.call('experiments.get', id);
    if (status === 'succeeded') return;
    if (status === 'failed') throw new Error(error?.message);
    await new Promise((wait) => setTimeout(wait, 500));
  }
}

/** As a reader does. */
async function exportSvg(page: Page, figure: Locator, path: string): Promise<void> {
  await figure.getByRole('button', { name: /^Export/ }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), figure.getByRole('button', { name: 'SVG' }).click()]);
  await download.saveAs(path);
}
