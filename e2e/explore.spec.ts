import { expect, test } from './fixtures';
import { isIn, smallRun, until } from './runs';

test('a trained network is drawn for, and an image is turned and attacked, live', async ({ page, client }) => {
  const { id } = await client.call('runs.create', smallRun({ name: 'explored', epochs: 4 }));
  await until(client, id, isIn('succeeded'));
  await page.getByRole('link', { name: 'Explore', exact: true }).click();
  const said = page.getByRole('region', { name: 'What the network says' });
  await expect(page.getByText('Draw something')).toBeVisible();

  const pad = (await page.getByLabel('Drawing pad').boundingBox())!;
  await page.mouse.move(pad.x + 140, pad.y + 50);
  await page.mouse.down();
  await page.mouse.move(pad.x + 140, pad.y + 230, { steps: 10 });
  await page.mouse.up();
  await expect(said).toContainText('draws agree', { timeout: 30_000 });
  await expect(said).toContainText('Blue: predicted');
  await page.getByRole('button', { name: 'Clear' }).click();
  await expect(page.getByText('Draw something')).toBeVisible();

  await page.getByRole('radio', { name: 'Test image' }).check({ force: true });
  await expect(said).toContainText(/✓ right|✗ it is/, { timeout: 30_000 });
  const probability = async () => {
    const { probabilities, label } = await client.call('explore.look', { run: id, image: { row: 0 }, draws: 20 });
    return probabilities[label!]!;
  };
  const clean = await probability();
  const attacked = await client.call('explore.look', { run: id, image: { row: 0 }, epsilon: 0.3, draws: 20 });
  expect(attacked.probabilities[attacked.label!]!).toBeLessThan(clean);
  await page.getByLabel(/^Turned by/).fill('90');
  await expect(page.getByText('Turned by 90°')).toBeVisible();
  await page.getByRole('button', { name: 'Upright and clean again' }).click();
  await expect(page.getByText('Turned by 0°')).toBeVisible();

  const wrong = client.call('explore.look', { run: id, image: { pixels: [1, 2, 3] } });
  await expect(wrong).rejects.toThrow('The image has 3 pixels; explored takes 28 × 28');
});
