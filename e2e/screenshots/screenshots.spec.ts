/** @file The pictures of the README: a network trained on drawn digits, looked at in every place. `npm run screenshots` makes them anew. */
import { join } from 'node:path';
import { expect, test } from '../fixtures';
import { isIn, until } from '../runs';

const folder = join(import.meta.dirname, '../../docs/screenshots');

test('takes the pictures', async ({ page, client }) => {
  test.setTimeout(600_000);
  const take = (name: string) => page.screenshot({ path: join(folder, `${name}.png`) });
  await page.getByRole('table', { name: 'Pretrained models' }).evaluate((table) => table.scrollIntoView());
  await take('pretrained');

  await page.goto(new URL('#/settings', page.url()).href);
  const devices = page.getByRole('region', { name: 'Devices' });
  await expect(devices.getByRole('listitem', { name: 'CPU', exact: true })).toContainText('Passed', { timeout: 120_000 });
  await expect(devices.getByRole('button', { name: 'Test again' })).toBeEnabled({ timeout: 180_000 });
  await devices.evaluate((panel) => panel.scrollIntoView());
  await take('devices');

  const { id } = await client.call('runs.create', {
    name: 'Bayes by Backprop on Drawn digits',
    dataset: { id: 'drawn-digits' },
    architecture: {
      name: '400-400',
      layers: [{ kind: 'flatten' }, ...[400, 400].map((units) => ({ kind: 'dense', settings: { units } })), { kind: 'output' }],
    },
    likelihood: { id: 'categorical' },
    method: { id: 'bbp', settings: { draws: 1, firstEpochDraws: 1 } },
    training: { epochs: 6, checkpointEvery: 2 },
  });
  await until(client, id, isIn('succeeded'));
  await page.goto(new URL(`#/runs/${id}`, page.url()).href);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.waitForTimeout(1000);
  await take('run');

  await page.getByRole('link', { name: 'See where it is unsure' }).click();
  await expect(page.getByLabel('Results', { exact: true })).toContainText('%', { timeout: 300_000 });
  await page.waitForTimeout(500);
  await take('inspect');

  await page.getByRole('radio', { name: 'Weights' }).check({ force: true });
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByRole('region', { name: 'Weights over the training' }).scrollIntoViewIfNeeded({ timeout: 60_000 });
  await page.waitForTimeout(500);
  await take('weights');

  await page.getByRole('radio', { name: 'Quantisation' }).check({ force: true });
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Quantisation' })).toBeVisible({ timeout: 120_000 });
  await page.waitForTimeout(500);
  await take('quantisation');

  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(new URL(`#/explore/${id}?row=3`, page.url()).href);
  await expect(page.getByRole('region', { name: 'What the network says' })).toBeVisible({ timeout: 60_000 });
  await page.getByLabel(/^Turned by/).fill('45');
  await expect(page.getByText('Turned by 45°')).toBeVisible();
  await page.waitForTimeout(1500);
  await take('explore');

  await page.getByRole('link', { name: 'Build', exact: true }).click();
  await page.getByRole('button', { name: 'LeNet-5', exact: true }).click();
  await expect(page.getByLabel('Totals')).toContainText('61,706');
  await expect(page.getByLabel('Totals')).toContainText('a step of');
  await take('build');
});
