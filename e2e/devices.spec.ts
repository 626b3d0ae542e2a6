import { expect, test } from './fixtures';
import { RunPage } from './pages/run.page';
import { TrainPage } from './pages/train.page';

test('every device is tested, can be chosen, and is named by its run', async ({ page, credence, client }) => {
  test.setTimeout(240_000);
  await page.goto('/#/settings');
  const panel = page.getByRole('region', { name: 'Devices' });
  const row = (name: string) => panel.getByRole('listitem', { name, exact: true });
  await expect(row('CPU')).toContainText(/GFLOP\/s.*Passed/, { timeout: 120_000 });
  await expect(row('CPU')).toContainText('auto');
  await expect(panel.getByRole('button', { name: 'Test again' })).toBeEnabled({ timeout: 120_000 });
  // There is a graphics card where this runs, or a reason and what to do.
  await expect(row('GPU – WebGPU')).toContainText(/Passed|Not available.*Install/);
  await expect(row('CPU – TensorFlow.js (slow reference)')).toContainText('Reference');

  const launcher = new TrainPage(page);
  await launcher.open();
  await launcher.chooseSmall({ epochs: 1 });
  await expect(launcher.form.getByLabel('Device', { exact: true })).toContainText(/CPU \([\d.]+ GFLOP\/s\)/);
  await launcher.select('Device', 'onnxruntime-cpu');
  await expect(page.getByRole('complementary', { name: 'Summary' })).toContainText('Device CPU');
  await launcher.start('here');
  await expect(new RunPage(page).status).toHaveText('Succeeded', { timeout: 60_000 });
  await expect(page.getByRole('contentinfo', { name: 'Status' })).toContainText(/^CPU, \d+ threads?/);
  const [run] = await client.call('runs.list', {});
  expect(run).toMatchObject({ spec: { compute: { device: 'onnxruntime-cpu' } }, environment: { backend: 'onnxruntime-cpu', device: 'CPU' } });

  // What was found is remembered.
  const found = await client.call('devices.list', null);
  await page.goto('about:blank');
  await credence.stop();
  await credence.start();
  const again = await credence.connect();
  expect(await again.call('devices.list', null)).toEqual(found);
  await again.close();
});
