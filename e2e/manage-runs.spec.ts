import { expect, test } from './fixtures';
import { RunPage } from './pages/run.page';
import { RunsPage } from './pages/runs.page';
import { TrainPage } from './pages/train.page';
import { isIn, smallRun, until } from './runs';

test('a run is paused, goes on, is stopped, renamed, duplicated, deleted and brought back', async ({ page, client }) => {
  const launcher = new TrainPage(page);
  await launcher.open();
  await launcher.chooseSmall({ epochs: 5000 });
  await launcher.start('long');
  const run = new RunPage(page);
  await expect(run.status).toHaveText('Running');

  await run.press('Pause');
  await expect(run.status).toHaveText('Paused');
  const [listed] = await client.call('runs.list', {});
  const { id, progress: paused } = listed!;
  await run.press('Resume');
  await expect(run.status).toHaveText('Running');
  await until(client, id, ({ progress }) => (progress?.step ?? 0) > (paused?.step ?? 0));
  await run.press('Stop');
  await expect(run.status).toHaveText('Stopped');

  await run.rename('renamed');
  await expect(run.heading).toHaveText('renamed');
  await run.press('Duplicate and edit');
  await expect(page.getByRole('heading', { name: 'New run from “renamed”' })).toBeVisible();
  await expect(launcher.form.getByLabel('Epochs', { exact: true })).toHaveValue('5000');

  const runs = new RunsPage(page);
  await runs.open();
  await runs.openRun('renamed');
  await run.press('Delete');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(runs.row('renamed')).toContainText('Stopped');
  expect((await client.call('runs.get', id)).deletedAt).toBeNull();
});

test('runs wait in the queue until there is room', async ({ page, client }) => {
  const first = await client.call('runs.create', smallRun({ name: 'first', epochs: 2000 }));
  const second = await client.call('runs.create', smallRun({ name: 'second', epochs: 1 }));
  const runs = new RunsPage(page);
  await runs.open();
  await expect(runs.row('first')).toContainText('Running');
  await expect(runs.row('second')).toContainText('Queued');
  await client.call('settings.update', { concurrentRuns: 2 });
  await until(client, second.id, isIn('succeeded'));
  await expect(runs.row('second')).toContainText('Succeeded');
  await client.call('runs.stop', first.id);
  await expect(runs.row('first')).toContainText('Stopped');
});

test('a setting out of range is said at its field, and cannot be trained', async ({ page }) => {
  const launcher = new TrainPage(page);
  await launcher.open();
  await launcher.fill('Training', 'Epochs', '0');
  await expect(launcher.form).toContainText(/1/);
  await expect(launcher.form.getByLabel('Epochs', { exact: true })).toHaveAttribute('aria-invalid', 'true');
});
