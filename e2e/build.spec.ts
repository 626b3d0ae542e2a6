import { readFile } from 'node:fs/promises';
import { expect, test } from './fixtures';

test('an architecture is built by hand, saved, exported, read again and trained', async ({ page, client }) => {
  await page.getByRole('link', { name: 'Build' }).click();
  const layers = page.getByRole('list', { name: 'Layers' }).getByRole('listitem');
  const totals = page.getByLabel('Totals');
  await page.getByRole('button', { name: '1 × 200', exact: true }).click();
  await expect(layers).toHaveCount(3);
  await expect(totals).toContainText('159,010 weights');

  // Add, configure, duplicate, move by keyboard: shapes and counts follow.
  await layers
    .nth(1)
    .getByRole('button', { name: /^Dense/ })
    .click();
  await page.getByLabel('Add a layer behind the selected one').selectOption('Dense');
  await expect(layers).toHaveCount(4);
  const units = page.getByRole('complementary', { name: 'Layer' }).getByLabel('Units', { exact: true });
  await units.fill('20');
  await units.press('Tab');
  await expect(layers.nth(2)).toContainText('4,020 weights');
  await layers.nth(2).getByRole('button', { name: 'Duplicate Dense' }).click();
  await expect(layers).toHaveCount(5);
  await expect(layers.nth(3)).toContainText('420 weights');

  // A fault stands at the layer that has it.
  await layers
    .nth(1)
    .getByRole('button', { name: /^Dense/ })
    .press('Alt+ArrowUp');
  await expect(layers.nth(0)).toContainText('put a flatten layer before it');
  await layers
    .nth(0)
    .getByRole('button', { name: /^Dense/ })
    .press('Alt+ArrowDown');
  await expect(totals).toContainText('fits the data');

  await page.getByLabel('Name of the architecture').fill('By hand');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('navigation', { name: 'Architectures' }).getByRole('button', { name: 'By hand', exact: true })).toBeVisible();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export JSON' }).click()]);
  const file = await readFile(await download.path());
  await page.getByRole('button', { name: '400-400', exact: true }).click();
  await expect(layers).toHaveCount(4);
  await page.getByLabel('Architecture file').setInputFiles({ name: 'wrong.json', mimeType: 'application/json', buffer: Buffer.from('{}') });
  await expect(page.getByText('wrong.json cannot be read: format: this is not an architecture of Credence').first()).toBeVisible();
  await page.getByLabel('Architecture file').setInputFiles({ name: 'by-hand.json', mimeType: 'application/json', buffer: file });
  await expect(layers).toHaveCount(5);

  await page.getByRole('link', { name: 'Train it…' }).click();
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  const [run] = await client.call('runs.list', {});
  expect(run!.spec.architecture).toMatchObject({
    name: 'By hand',
    layers: [{ kind: 'flatten' }, { settings: { units: 200 } }, { settings: { units: 20 } }, {}, {}],
  });
  await client.call('runs.stop', run!.id);
});
