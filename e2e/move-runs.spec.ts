import { execFileSync, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from './fixtures';
import { InspectPage } from './pages/inspect.page';
import { RunPage } from './pages/run.page';
import { RunsPage } from './pages/runs.page';
import { isIn, metricsOf, smallRun, until } from './runs';

const hasNumpy = spawnSync('python3', ['-c', 'import numpy']).status === 0;

test('a run is exported, deleted, imported and evaluated; damaged files are refused', async ({ page, client, credence }) => {
  const { id } = await client.call('runs.create', smallRun({ name: 'traveller' }));
  await until(client, id, isIn('succeeded'));
  const curves = [await metricsOf(client, id, 'step'), await metricsOf(client, id, 'epoch')];
  const runs = new RunsPage(page);
  const run = new RunPage(page);
  await runs.open();
  await runs.openRun('traveller');
  await run.press('Export…');
  const dialog = page.getByRole('dialog', { name: 'Export “traveller”' });
  const [download] = await Promise.all([page.waitForEvent('download'), dialog.getByRole('button', { name: 'Save the file' }).click()]);
  expect(download.suggestedFilename()).toBe('traveller.credence');
  const path = join(credence.dataDir, 'traveller.credence');
  await download.saveAs(path);
  await dialog.getByRole('button', { name: 'Close' }).click();

  await run.press('Delete');
  await client.call('runs.purge', id);
  await expect(runs.firstRun).toBeVisible();
  const damaged = join(credence.dataDir, 'damaged.credence');
  const bytes = await readFile(path);
  await writeFile(damaged, bytes.subarray(0, bytes.length - 100));
  await page.getByLabel('Credence files').setInputFiles(damaged);
  const notices = page.getByRole('region', { name: 'Notices' });
  await expect(notices).toContainText('“damaged.credence” is not a whole .credence file.');
  await page.evaluate(() => {
    const files = new DataTransfer();
    files.items.add(new File(['x'], 'notes.txt'));
    window.dispatchEvent(new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true }));
  });
  await expect(notices).toContainText('“notes.txt” is not a .credence file');
  expect(await client.call('runs.list', {})).toEqual([]);

  await page.getByLabel('Credence files').setInputFiles(path);
  await expect(run.heading).toHaveText('traveller');
  await expect(run.status).toHaveText('Succeeded');
  const [imported] = await client.call('runs.list', {});
  expect(imported!.id).not.toBe(id);
  expect([await metricsOf(client, imported!.id, 'step'), await metricsOf(client, imported!.id, 'epoch')]).toEqual(curves);
  await page.goto(`/#/inspect/${imported!.id}`);
  const inspect = new InspectPage(page);
  await inspect.evaluate.click();
  await expect(inspect.results).toContainText('Test error', { timeout: 30_000 });
});

test('other programs use its predictive and read its draws', async ({ page, client, credence }) => {
  const { id } = await client.call('runs.create', smallRun({ name: 'a “giver”', epochs: 1 }));
  await until(client, id, isIn('succeeded'));
  const run = new RunPage(page);
  await page.goto(`/#/runs/${id}`);
  await run.press('Export…');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/The predictive, as ONNX/).check();
  await dialog.getByLabel('Draws', { exact: true }).fill('5');
  const save = async () => {
    const [download] = await Promise.all([page.waitForEvent('download', { timeout: 60_000 }), dialog.getByRole('button', { name: 'Save the file' }).click()]);
    const path = join(credence.dataDir, download.suggestedFilename());
    await download.saveAs(path);
    return path;
  };
  const session = await InferenceSession.create(await save());
  const { total, epistemic, probabilities } = await session.run({ x: new Tensor('float32', new Float32Array(2 * 784), [2, 28, 28, 1]) });
  expect(probabilities!.dims).toEqual([2, 10]);
  expect(Number(total!.data[0])).toBeGreaterThan(Number(epistemic!.data[0]));
  await session.release();

  await dialog.getByLabel(/Draws of the weights/).check();
  const path = await save();
  const snippet = await dialog.locator('pre').innerText();
  expect(snippet.trim().split('\n')).toHaveLength(6);
  test.skip(!hasNumpy, 'python3 with NumPy is not at hand');
  const printed = execFileSync('python3', ['-c', `${snippet}\nprint(json.dumps({k: list(v.shape) for k, v in draws.items()}))`], {
    cwd: dirname(path),
    encoding: 'utf8',
  });
  expect(Object.values(JSON.parse(printed) as Record<string, number[]>)).toContainEqual([5, 784, 32]);
});
