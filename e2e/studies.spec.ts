import type { Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { isIn, smallRun, until } from './runs';

/** One experiment of Inspect, with few draws and rows. */
async function study(page: Page, tab: string, settings: Readonly<Record<string, string>>): Promise<void> {
  await page.getByRole('radiogroup', { name: 'Experiment' }).getByText(tab, { exact: true }).click();
  const form = page.getByRole('complementary');
  for (const [label, value] of Object.entries(settings)) await form.getByLabel(label, { exact: true }).fill(value);
  await form.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(page.getByRole('list', { name: 'Past results' }).getByRole('listitem')).toHaveCount(1, { timeout: 60_000 });
}

/** Presses at a share of a chart's width and height. */
async function press(chart: Locator, [x, y]: readonly [number, number]): Promise<void> {
  const stage = chart.getByRole('slider');
  const { width, height } = (await stage.boundingBox())!;
  await stage.click({ position: { x: x * width, y: y * height } });
}

test('every study of Inspect finds something, and its points lead to their images', async ({ page, client }) => {
  const { id } = await client.call('runs.create', smallRun({ name: 'studied', epochs: 4 }));
  await until(client, id, isIn('succeeded'));
  await page.goto(new URL(`#/inspect/${id}`, page.url()).href);
  const chart = (name: string | RegExp) => page.getByRole('group', { name, exact: true });
  const strip = page.getByRole('region', { name: 'Rows behind the point' });
  const small = { Draws: '5', Rows: '60' };

  await study(page, 'Calibration', { Draws: '5' });
  await expect(page.getByRole('region', { name: 'Calibration' })).toContainText(/T = \d\.\d\d/);
  await expect(chart('As predicted')).toContainText(/ECE \d+\.\d\d %/);
  await press(chart('Confidence: temperature scaling'), [0.35, 0.65]);
  await expect(strip.getByRole('heading')).toContainText(/Confidence \d+–\d+ %/);
  await strip.getByRole('button').click();
  await expect(strip).toBeHidden();

  await study(page, 'Out of distribution', small);
  await expect(page.getByRole('region', { name: 'Detection scores' }).getByRole('row', { name: /^Total entropy/ })).toContainText(/[01]\.\d{3}/);
  await press(chart('Rows more uncertain than x').first(), [0.5, 0.5]);
  await expect(strip.getByRole('heading')).toContainText(/total \d\.\d\d–\d\.\d\d nats/);

  await study(page, 'Rotation', { ...small, Image: '3' });
  await expect(page.getByRole('list', { name: 'The image at each angle' }).getByRole('listitem')).toHaveCount(10);
  await press(chart('Uncertainty of the test part'), [0.5, 0.5]);
  await expect(strip.getByRole('link')).toHaveCount(24);

  await study(page, 'Adversarial', small);
  await expect(page.getByText('Images at ε = 0.000')).toBeVisible();
  await press(chart(/^Error under FGSM/), [0.9, 0.5]);
  await expect(page.getByText(/Images at ε = 0\.[5-7]\d\d/)).toBeVisible();

  await study(page, 'Weights', {});
  await expect(chart(/^Standard deviations/).first()).toBeVisible();
  await expect(page.getByRole('region', { name: 'Weights over the training' })).toContainText(/Quantiles at the start and at \d+ checkpoint/);
  await expect(chart(/^Mean μ over the training: dense1.kernel/).first()).toBeVisible();

  await study(page, 'Pruning', { Draws: '5' });
  await expect(page.getByRole('table').first()).toContainText('%');

  await study(page, 'Quantisation', small);
  const quantised = page.getByRole('region', { name: 'Quantisation' });
  await expect(quantised.getByRole('row', { name: /^Size of all draws/ })).toContainText(/[34]\.\d × less/);
  await expect(quantised.getByRole('row', { name: /^Mutual information/ })).toContainText(/[+−]0\.\d{4}/);
  await expect(chart('Epistemic uncertainty of each row')).toBeVisible();

  await page.getByRole('radiogroup', { name: 'Experiment' }).getByText('Rotation', { exact: true }).click();
  await press(chart('Uncertainty of the test part'), [0.5, 0.5]);
  const first = strip.getByRole('link').first();
  const row = /row=(\d+)/.exec((await first.getAttribute('href')) ?? '')![1]!;
  await first.click();
  await expect(page.getByRole('spinbutton', { name: 'Number' })).toHaveValue(row);
  await expect(page.getByRole('region', { name: 'What the network says' })).toContainText(/✓ right|✗ it is/, { timeout: 30_000 });
});

test('runs are compared: their curves, a mean over seeds, and what differs', async ({ page, client }) => {
  const spec = smallRun({ name: 'pair', epochs: 2 });
  const wide = smallRun({ name: 'wide', epochs: 2, units: 48 });
  const seed = (value: number) => ({ ...spec, training: { ...spec.training, seed: value } });
  for (const each of [seed(1), seed(2), wide]) await until(client, (await client.call('runs.create', each)).id, isIn('succeeded'));
  await page.goto(new URL('#/runs', page.url()).href);
  await page.getByRole('checkbox', { name: 'Select all' }).check();
  await page.getByRole('link', { name: 'Compare 3 selected' }).click();

  const numbers = page.getByRole('table', { name: 'Numbers of the runs' });
  await expect(numbers.getByRole('row', { name: /^pair, 2 seeds/ })).toContainText('±');
  await expect(numbers.getByRole('row')).toHaveCount(5);
  await expect(page.getByRole('group', { name: 'Validation error', exact: true })).toBeVisible();
  await page.getByRole('group', { name: 'Curves' }).getByLabel('Training error').check();
  await expect(page.getByRole('group', { name: 'Training error', exact: true })).toBeVisible();
  const differences = page.getByRole('table', { name: 'Settings that differ' });
  await expect(differences.getByRole('row', { name: /^Layer 2: Units/ })).toContainText('48');
  await expect(differences.getByRole('row', { name: /^Training: Seed/ })).toBeVisible();
  await expect(differences.getByRole('row')).toHaveCount(3);

  const [csv] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
  expect(csv.suggestedFilename()).toBe('comparison.csv');
  await page.getByRole('button', { name: 'Leave out wide' }).click();
  await expect(differences.getByRole('row')).toHaveCount(2);
});
