import type { Download, Page } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { expect, test } from './fixtures';
import { RunPage } from './pages/run.page';
import { RunsPage } from './pages/runs.page';
import { isIn, smallRun, until } from './runs';

const saved = async (page: Page, action: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> => {
  const [download]: [Download, void] = await Promise.all([page.waitForEvent('download'), action()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
};

test('a figure goes into a paper: every format, a printed size, its own words and its origin', async ({ page, client }) => {
  const { id } = await client.call('runs.create', smallRun({ name: 'figures', epochs: 2 }));
  await until(client, id, isIn('succeeded'));
  const runs = new RunsPage(page);
  await runs.open();
  await runs.openRun('figures');
  await expect(new RunPage(page).status).toHaveText('Succeeded');

  const figure = page.locator('main figure').first();
  const menu = figure.getByRole('button', { name: /^Export/ });
  const fromMenu = async (format: string) => {
    await menu.click();
    return saved(page, () => figure.getByRole('button', { name: format }).click());
  };
  const png = await fromMenu('PNG');
  expect([...png.bytes.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
  expect(png.bytes.toString('latin1')).toContain(id); // its origin, in a text chunk
  const json = JSON.parse((await fromMenu('JSON')).bytes.toString()) as { provenance: Record<string, string>; columns: Record<string, number[]> };
  expect(json.provenance).toMatchObject({ id, method: 'Bayes by Backprop' });
  expect(JSON.parse(json.provenance['settings']!)).toMatchObject({ name: 'figures', training: { epochs: 2 } });
  expect(Object.values(json.columns)[0]!.length).toBeGreaterThan(1);

  await menu.click();
  await figure.getByRole('button', { name: 'For a paper' }).click();
  const dialog = page.getByRole('dialog', { name: 'Figure for a paper' });
  await dialog.getByLabel('Title', { exact: true }).fill('Evidence of σ');
  await dialog.getByText('Grey', { exact: true }).click();
  await expect(dialog.getByText(/89 × \d+ mm, text 7 pt/)).toBeVisible();
  const svg = (await saved(page, () => dialog.getByRole('button', { name: 'SVG' }).click())).bytes.toString();
  expect(svg).toContain('Evidence of σ');
  expect(Number(/width="([\d.]+)pt"/.exec(svg)?.[1])).toBeCloseTo((89 / 25.4) * 72, 0);
  const pdf = (await saved(page, () => dialog.getByRole('button', { name: 'PDF' }).click())).bytes.toString('latin1');
  expect(pdf).toMatch(/^%PDF-1\.\d/);
  const [, width] = /\/MediaBox \[0 0 ([\d.]+) [\d.]+\]/.exec(pdf)!;
  expect(Number(width)).toBeCloseTo((89 / 25.4) * 72, 0);
  expect(pdf).toContain('/FontFile2'); // an embedded font, which has the letter σ
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(dialog).toBeHidden();
});
