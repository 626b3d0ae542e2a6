import { expect, test } from './fixtures';

test('a newcomer without network opens a pretrained model, draws for it, and reads its card', async ({ page, client }) => {
  const models = page.getByRole('table', { name: 'Pretrained models' });
  await expect(models.getByRole('row')).toHaveCount(1 + (await client.call('pretrained.list', null)).length);
  await models.getByRole('button', { name: 'Open Deep ensemble of five on MNIST' }).click();

  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Explore');
  await expect(page.getByLabel('Run', { exact: true })).toHaveValue(/^run-/);
  const said = page.getByRole('region', { name: 'What the network says' });
  const pad = (await page.getByLabel('Drawing pad').boundingBox())!;
  await page.mouse.move(pad.x + 140, pad.y + 50);
  await page.mouse.down();
  await page.mouse.move(pad.x + 140, pad.y + 230, { steps: 10 });
  await page.mouse.up();
  await expect(said).toContainText('It says 1', { timeout: 60_000 });
  for (const part of ['total', 'aleatoric', 'epistemic']) await expect(said).toContainText(part);
  await expect(said).toContainText('of 5 draws');

  // Where MNIST is not here, drawn digits stand in, and it is said how to get the real ones.
  await page.getByRole('radio', { name: 'Test image' }).check({ force: true });
  const isMissing = (await client.call('datasets.list', null)).some(({ id, state }) => id === 'mnist' && state === 'missing');
  await expect(page.getByText('MNIST is not on this computer, so these are Drawn digits.')).toBeVisible({ visible: isMissing });
  await expect(page.getByRole('link', { name: 'Get MNIST' })).toBeVisible({ visible: isMissing });
  await expect(said).toContainText(/✓ right|✗ it is/);

  await page.getByRole('link', { name: 'Model card' }).click();
  const card = page.getByRole('region', { name: 'Model card' });
  await expect(card).toContainText('npm run pretrain -- --only mnist-deep-ensemble');
  await expect(card).toContainText('test error');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Deep ensemble of five on MNIST');
  await expect(page.getByText('pretrained', { exact: true })).toBeVisible();

  // What was measured before it was packed is there to be looked at.
  await page.getByRole('link', { name: /Evaluate|See where it is unsure/ }).click();
  await expect(page.getByLabel('Results', { exact: true })).toContainText('of 10,000 rows', { timeout: 60_000 });
});

test('a pretrained model is chosen in Explore and by its name', async ({ page }) => {
  await page.getByRole('link', { name: 'Explore', exact: true }).click();
  await page.getByRole('link', { name: 'Open a pretrained model' }).click();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('MAP on MNIST');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Draw something')).toBeVisible();
  await page.getByLabel('Run', { exact: true }).selectOption({ label: 'MC dropout on MNIST' });
  await expect(page.getByLabel('Run', { exact: true }).locator('option:checked')).toHaveText('MC dropout on MNIST', { timeout: 15_000 });
});
