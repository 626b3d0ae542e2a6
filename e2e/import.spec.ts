import { gzipSync } from 'node:zlib';
import { expect, test } from './fixtures';

/** IDX of `rows` images of 6 × 6 whose class is where the bright bar stands. */
function images(rows: number): Buffer {
  const header = Buffer.from([0, 0, 8, 3, 0, 0, rows >> 8, rows & 255, 0, 0, 0, 6, 0, 0, 0, 6]);
  return Buffer.concat([header, Buffer.from(Array.from({ length: rows * 36 }, (_, i) => (i % 6 === Math.floor(i / 36) % 3 ? 250 : (i * 7) % 40)))]);
}
const labels = (rows: number): Buffer =>
  Buffer.concat([Buffer.from([0, 0, 8, 1, 0, 0, rows >> 8, rows & 255]), Buffer.from(Array.from({ length: rows }, (_, i) => i % 3))]);
const file = (name: string, buffer: Buffer) => ({ name, mimeType: 'application/octet-stream', buffer });

test('images in IDX are previewed, imported and trained on; a wrong file is explained', async ({ page, client }) => {
  await page.goto('/#/data/import');
  const form = page.getByRole('form', { name: 'Import IDX' });
  await form.getByLabel('Title').fill('Bars');
  await form.getByLabel('Training images').setInputFiles(file('bars.gz', gzipSync(images(210))));
  await form.getByLabel('Training labels').setInputFiles(file('labels', labels(100)));
  await form.getByRole('button', { name: 'Preview' }).click();
  await expect(page.getByRole('alert')).toContainText(/210.*100|100.*210/);

  await form.getByLabel('Training labels').setInputFiles(file('labels', labels(210)));
  await form.getByRole('button', { name: 'Preview' }).click();
  await expect(page.getByRole('heading', { name: /6 × 6 pixels/ })).toBeVisible();
  await form.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Bars' })).toBeVisible();

  const imported = (await client.call('datasets.list', null)).find(({ title }) => title === 'Bars');
  expect(imported).toMatchObject({ source: 'import', state: 'ready', rows: { train: 180, test: 30 }, classes: ['0', '1', '2'] });
  await page.getByRole('link', { name: 'Train on this' }).click();
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('status', { name: 'Run status' })).toHaveText('Succeeded', { timeout: 60_000 });
});
