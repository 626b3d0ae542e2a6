import { expect, test } from './fixtures';

test('the theme is chosen, seen at once and kept', async ({ page, client }) => {
  await page.goto('/#/settings');
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.getByLabel('Theme', { exact: true }).selectOption('Light');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  const light = await background();
  await page.getByLabel('Theme', { exact: true }).selectOption('Dark');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  expect(await background()).not.toBe(light);
  await expect.poll(async () => (await client.call('settings.get', null)).theme).toBe('dark');
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('storage, logs and diagnostics can be seen, and no token is in them', async ({ page, credence, client }) => {
  await page.goto('/#/settings');
  await expect(page.getByRole('region', { name: 'Storage' })).toContainText(credence.dataDir);
  await page.getByRole('button', { name: 'Open log folder' }).click();
  await expect(page.getByRole('region', { name: 'Notices' })).toContainText(`${credence.dataDir}/logs`);
  const diagnostics = await client.call('app.diagnostics', null);
  expect(diagnostics).toContain('Credence started');
  expect(diagnostics).not.toContain(credence.token);
});
